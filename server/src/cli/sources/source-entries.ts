import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import { basename } from "node:path";
import { limits } from "@arrwdb/protocol/limits";
import type { DocumentInput } from "arrwdb-client";
import { splitLines } from "../../core/ingestion/lines.ts";
import { paragraphs, splitSections } from "../markdown-sections.ts";
import { CommandError } from "../terminal/exit-codes.ts";
import { csvEntries } from "./csv-source.ts";
import { foreignFault } from "./foreign-bytes.ts";
import type { CsvColumns, SourceEntry, Source } from "./ingest-source.ts";

/** Maximum of bytes of a page, which is read as a whole; larger ones must be split. */
const pageBytes = 16 * 1024 * 1024;
/** Characters of a chunk of plain text; longer paragraphs are cut between words. */
const chunkCharacters = 2_000;

/** The documents of a source, one by one. `onBytes` is called with the number of bytes read. */
export function entriesOf(
  source: Source,
  columns: CsvColumns,
  onBytes: (bytes: number) => void,
): AsyncGenerator<SourceEntry, undefined> {
  const bytes = counted(source.open(), onBytes);
  switch (source.format) {
    case "ndjson":
      return ndjsonEntries(bytes);
    case "csv":
      return csvEntries(bytes, source.name, columns);
    case "markdown":
      return pageEntries(bytes, source, markdownDocuments);
    case "text":
      return pageEntries(bytes, source, textDocuments);
  }
}

async function* counted(stream: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void) {
  for await (const chunk of stream) {
    onBytes(chunk.byteLength);
    yield chunk;
  }
}

/** Strips the byte order mark, which editors on Windows write. */
const decoder = new TextDecoder("utf-8", { fatal: true });

async function* ndjsonEntries(stream: AsyncIterable<Uint8Array>): AsyncGenerator<SourceEntry, undefined> {
  for await (const { number, bytes } of splitLines(stream, limits.lineBytes)) {
    if (bytes === undefined) {
      yield { line: number, fault: `is longer than ${limits.lineBytes} bytes; split the document` };
    } else yield { line: number, ...parseLine(bytes) };
  }
}

type Parsed = { readonly document: DocumentInput } | { readonly fault: string };

function parseLine(bytes: Uint8Array): Parsed {
  try {
    // The server validates the fields of the document, and reports what is wrong.
    const value: DocumentInput | null = parseExactly(decoder.decode(bytes));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { document: value };
    return { fault: "is not a JSON object; a document is an object with texts" };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { fault: foreignFault(bytes) ?? `is not valid JSON in UTF-8: ${message}` };
  }
}

interface PageDocument {
  readonly title: string;
  readonly texts: readonly string[];
}

async function* pageEntries(
  stream: AsyncIterable<Uint8Array>,
  { name, format }: Source,
  split: (text: string, name: string) => readonly PageDocument[],
): AsyncGenerator<SourceEntry, undefined> {
  const text = await wholeText(stream);
  const documents = split(text, basename(name));
  if (documents.length === 0) yield { line: 1, fault: "contains no text" };
  for (const { title, texts } of documents) {
    yield {
      line: 1,
      document: { title: title.slice(0, limits.shortText), texts: [...texts], document_type: format, path: name },
    };
  }
}

async function wholeText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.byteLength;
    if (size > pageBytes) throw new CommandError(`is larger than ${pageBytes} bytes; split it into several files`);
    parts.push(part);
  }
  try {
    return decoder.decode(Buffer.concat(parts));
  } catch (cause) {
    throw new CommandError("is not valid UTF-8; convert it first, for example with iconv", { cause });
  }
}

const frontMatter = /^---\r?\n.*?\r?\n---\r?\n/s;

/** A document for each section. */
function markdownDocuments(text: string, name: string): readonly PageDocument[] {
  return splitSections(text.replace(frontMatter, ""), name).map(({ title, texts }) => ({
    title,
    texts: texts.flatMap(inChunks),
  }));
}

/** One document; a chunk for each paragraph, or for several that are short. */
function textDocuments(text: string, name: string): readonly PageDocument[] {
  const texts = paragraphs(text).flatMap(inChunks);
  const documents: PageDocument[] = [];
  for (let at = 0; at < texts.length; at += limits.chunksPerDocument) {
    const part = texts.length > limits.chunksPerDocument ? ` (from chunk ${at + 1})` : "";
    documents.push({ title: name + part, texts: texts.slice(at, at + limits.chunksPerDocument) });
  }
  return documents;
}

function inChunks(text: string): readonly string[] {
  const chunks: string[] = [];
  let rest = text;
  while (rest.length > chunkCharacters) {
    const space = rest.lastIndexOf(" ", chunkCharacters);
    const end = space > chunkCharacters / 2 ? space : chunkCharacters;
    chunks.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  return rest === "" ? chunks : [...chunks, rest];
}
