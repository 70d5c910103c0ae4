import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import { type ExportLine, exportLine } from "@arrwdb/protocol/documents/export";
import { limits } from "@arrwdb/protocol/limits";
import type { Library } from "@arrwdb/protocol/documents/model";
import { decodeEmbedding } from "../../core/documents/decode-embedding.ts";
import { z } from "zod";
import { splitLines } from "../../core/ingestion/lines.ts";
import { foreignFault } from "../sources/foreign-bytes.ts";
import { CommandError } from "../terminal/exit-codes.ts";
import { counted } from "../terminal/units.ts";

/** Maximum of bytes per line of an export, which holds a whole document with its vectors. */
const lineBytes = 512 * 1024 * 1024;

type ReadDocument = Extract<ExportLine, { document: unknown }>["document"];
type ReadChunk = ReadDocument["chunks"][number];

/** What an import takes of the library of an export. */
export type ImportedLibrary = Pick<
  Library,
  "name" | "description" | "embedding_model" | "dimension" | "language" | "index" | "events" | "num_documents"
>;

/** What an import takes of a document. */
export interface ImportedDocument extends Pick<
  ReadDocument,
  "id" | "title" | "title_generated" | "author" | "document_type" | "source_url" | "tags" | "metadata" | "expires_at"
> {
  readonly chunks: readonly Pick<ReadChunk, "text" | "page_number" | "metadata" | "embedding">[];
}

/** An export being read. */
export interface ExportReading {
  readonly library: ImportedLibrary;
  /**
   * Its documents. Throws `CommandError` with the line number if a line is not valid in an export, and at the end if
   * the export is incomplete.
   */
  readonly documents: AsyncGenerator<ImportedDocument, undefined>;
}

/** Opens an export. @throws CommandError if its header is invalid */
export async function readExport(stream: AsyncIterable<Uint8Array>, name: string): Promise<ExportReading> {
  const lines = linesOf(stream, name);
  const { value: first } = await lines.next();
  if (first === undefined || !("library" in first)) {
    throw new CommandError(`${name}: is not an arrwDB export: its first line does not describe a library`, {
      hint: `To store documents without vectors, use "arrwdb ingest".`,
    });
  }
  const { library } = first;
  return { library, documents: documentsOf(lines, library, name) };
}

/** Reads it to its end. @throws CommandError if any part is invalid */
export async function checkExport(stream: AsyncIterable<Uint8Array>, name: string): Promise<ExportCount> {
  const { library, documents } = await readExport(stream, name);
  let count = 0;
  for await (const _ of documents) count += 1;
  return { library, documents: count };
}

export interface ExportCount {
  readonly library: ImportedLibrary;
  readonly documents: number;
}

async function* linesOf(stream: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<ExportLine, undefined> {
  for await (const { number, bytes } of splitLines(stream, lineBytes)) {
    if (bytes === undefined) throw fault(name, number, `is longer than ${lineBytes} bytes`);
    yield parseLine(bytes, name, number);
  }
}

const fault = (name: string, line: number, message: string) => new CommandError(`${name}:${line}: ${message}`);

function parseLine(bytes: Uint8Array, name: string, number: number): ExportLine {
  let value: unknown;
  try {
    value = parseExactly(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const foreign = number === 1 ? foreignFault(bytes) : undefined;
    if (foreign !== undefined) throw new CommandError(`${name}: ${foreign}`);
    throw fault(name, number, `is not valid JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = exportLine.safeParse(value);
  if (result.success) return result.data;
  throw fault(name, number, `is not a line of an export: ${z.prettifyError(result.error).split("\n")[0]}`);
}

async function* documentsOf(
  lines: AsyncGenerator<ExportLine, undefined>,
  { dimension, num_documents }: Library,
  name: string,
): AsyncGenerator<ReadDocument, undefined> {
  let [documents, chunks] = [0, 0];
  for await (const line of lines) {
    if ("document" in line) {
      documents += 1;
      chunks += line.document.chunks.length;
      checkVectors(line.document, dimension, `${name}: document ${shownDocumentId(line.document.id)}`);
      yield line.document;
    } else if ("summary" in line) {
      const { summary } = line;
      if (summary.aborted !== undefined) throw new CommandError(`${name}: the export failed: ${summary.aborted.error}`);
      if (summary.documents !== documents || summary.chunks !== chunks || num_documents !== documents) {
        const declared = `${counted(summary.documents, "document")} with ${counted(summary.chunks, "chunk")}`;
        throw new CommandError(
          `${name}: contains ${counted(documents, "document")} with ${counted(chunks, "chunk")}, but its summary says ${declared}`,
        );
      }
      return;
    } else throw new CommandError(`${name}: contains a second library; import one at a time`);
  }
  throw new CommandError(`${name}: is truncated after ${documents} of ${num_documents} documents; export again`);
}

/** @throws CommandError */
function checkVectors({ chunks }: ReadDocument, dimension: number, where: string): void {
  for (const [index, { embedding }] of chunks.entries()) {
    try {
      decodeEmbedding(embedding, dimension, `chunks[${index}].embedding`);
    } catch (error) {
      throw new CommandError(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

/** Whether a document with its vectors fits into a line of an upload. */
export const fitsLine = (json: string): boolean => Buffer.byteLength(json) <= limits.lineBytes;
