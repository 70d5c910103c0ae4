import { JSONParser } from "@streamparser/json";
import { pythonIndexTypes } from "@arrwdb/protocol/documents/index-settings";
import { defaultEventSettings, defaultLanguage } from "@arrwdb/protocol/documents/model";
import { parseInstant } from "@arrwdb/protocol/filter/instant";
import { uuid } from "@arrwdb/protocol/text";
import { z } from "zod";
import { CommandError } from "../terminal/exit-codes.ts";
import type { ExportCount, ImportedDocument, ImportedLibrary } from "./export-reading.ts";

/** A time as Python's `isoformat()` writes it: without a zone, it is UTC. */
const pythonTime = z.string().transform((text, context) => {
  const instant = parseInstant(text);
  if (instant !== undefined) return new Date(Number(instant / 1_000_000n)).toISOString();
  context.addIssue({ code: "custom", message: "must be a time in ISO 8601" });
  return z.NEVER;
});

const pythonDocument = z.object({
  id: uuid,
  metadata: z.object({
    title: z.string(),
    author: z.string().nullish(),
    created_at: pythonTime,
    document_type: z.string().nullish(),
    source_url: z.string().nullish(),
    tags: z.array(z.string()).default([]),
  }),
  chunks: z
    .array(
      z.object({
        text: z.string(),
        embedding: z.array(z.number(), "is missing; export with embeddings").min(1),
        metadata: z.object({ page_number: z.int().nullish(), chunk_index: z.int() }),
      }),
    )
    .min(1, "must have at least one chunk"),
});
type PythonDocument = z.output<typeof pythonDocument>;

const pythonMetadata = z.object({
  description: z.string().nullish(),
  index_type: z.enum(Object.keys(pythonIndexTypes)).catch("brute_force"),
  embedding_dimension: z.int().positive(),
  embedding_model: z.string(),
});

/** Opens the file again from its beginning. */
export type Opening = () => AsyncIterable<Uint8Array>;

/**
 * Whether a file looks like a library of the Python server, as `GET /v1/libraries/{id}` there returns it: one JSON object,
 * which does not begin as a line of an arrwDB export does.
 */
export async function isPythonExport(open: Opening): Promise<boolean> {
  let beginning = "";
  for await (const bytes of open()) {
    beginning += Buffer.from(bytes).toString("latin1");
    if (beginning.length >= 4_096) break;
  }
  return /^\s*\{\s*"(?:id|name|documents|metadata)"/.test(beginning.slice(0, 4_096));
}

/** Reads it to its end. @throws CommandError if any part is invalid */
export async function checkPythonExport(open: Opening, name: string): Promise<ExportCount> {
  let [documents, dimension] = [0, 0];
  const fields: Record<string, unknown> = {};
  for await (const { key, value } of membersOf(open(), name)) {
    if (typeof key === "string") {
      fields[key] = value;
      continue;
    }
    documents += 1;
    for (const [index, { embedding }] of toPythonDocument(value, documents, name).chunks.entries()) {
      if (dimension === 0) dimension = embedding.length;
      if (embedding.length === dimension) continue;
      const where = `${name}: document ${documents}: chunks[${index}].embedding`;
      throw new CommandError(`${where}: has dimension ${embedding.length}, others have ${dimension}`);
    }
  }
  return { library: toLibrary(fields, { dimension, documents }, name), documents };
}

function toLibrary(
  fields: Readonly<Record<string, unknown>>,
  { dimension, documents }: { readonly dimension: number; readonly documents: number },
  name: string,
): ImportedLibrary {
  const { success, data, error } = z.object({ name: z.string(), metadata: pythonMetadata }).safeParse(fields);
  if (!success) {
    const reason = z.prettifyError(error).split("\n").join(" ");
    throw new CommandError(`${name}: is not a library of the Python server: ${reason}`);
  }
  const { description, index_type, embedding_dimension, embedding_model } = data.metadata;
  if (dimension !== 0 && dimension !== embedding_dimension) {
    const declared = `its metadata says ${embedding_dimension}`;
    throw new CommandError(`${name}: has vectors of dimension ${dimension}, but ${declared}`);
  }
  return {
    name: data.name,
    description: description ?? null,
    // Cohere's, whose names the Python server has without the provider.
    embedding_model: embedding_model.startsWith("embed-") ? `cohere:${embedding_model}` : embedding_model,
    dimension: embedding_dimension,
    language: defaultLanguage,
    index: pythonIndexTypes[index_type] ?? { type: "auto" },
    events: defaultEventSettings,
    num_documents: documents,
  };
}

/** Its documents. @throws CommandError if one is invalid */
export async function* pythonDocumentsOf(open: Opening, name: string): AsyncGenerator<ImportedDocument, undefined> {
  let count = 0;
  for await (const { key, value } of membersOf(open(), name)) {
    if (typeof key !== "string") yield toDocument(toPythonDocument(value, ++count, name));
  }
}

function toPythonDocument(value: unknown, place: number, name: string): PythonDocument {
  const { success, data, error } = pythonDocument.safeParse(value);
  if (success) return data;
  throw new CommandError(`${name}: document ${place}: ${z.prettifyError(error).split("\n").join(" ")}`);
}

function toDocument({ id, metadata, chunks }: PythonDocument): ImportedDocument {
  const { title, author, created_at, document_type, source_url, tags } = metadata;
  return {
    id,
    title,
    title_generated: false,
    author: author ?? null,
    document_type: document_type ?? null,
    source_url: source_url ?? null,
    tags,
    // When it was added there; here it is added now.
    metadata: { created_at },
    expires_at: null,
    chunks: chunks
      .toSorted((one, other) => one.metadata.chunk_index - other.metadata.chunk_index)
      .map((chunk) => ({
        text: chunk.text,
        page_number: chunk.metadata.page_number ?? null,
        metadata: {},
        embedding: Buffer.from(new Float32Array(chunk.embedding).buffer).toString("base64"),
      })),
  };
}

interface Member {
  /** The name of a field of the library, or the index of a document. */
  readonly key: string | number;
  readonly value: unknown;
}

/** What the library consists of, one document at a time. @throws CommandError if it is no JSON or is cut off */
async function* membersOf(stream: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Member, undefined> {
  const found: Member[] = [];
  let ended = false;
  const parser = new JSONParser({ paths: ["$.name", "$.metadata", "$.documents.*"], keepStack: false });
  parser.onValue = ({ key, value }) => {
    if (key !== undefined) found.push({ key, value });
  };
  parser.onEnd = () => (ended = true);
  for await (const bytes of stream) {
    try {
      parser.write(bytes);
    } catch (error) {
      throw new CommandError(`${name}: is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    yield* found.splice(0);
  }
  if (!ended) throw new CommandError(`${name}: is cut off; download it again`);
}
