import { exactNumber } from "@arrwdb/protocol/exact-json";
import { extname } from "node:path";
import { Readable } from "node:stream";
import { limits } from "@arrwdb/protocol/limits";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { CommandError } from "../terminal/exit.ts";
import type { CsvColumns, Entry } from "./source.ts";

/** A row with what the parser knows of its place. */
const row = z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) });

/** Columns that hold the text, the first that there is. */
const textColumns = ["text", "content", "body", "description"];
/** Columns that are fields of a document. */
const ownFields: ReadonlySet<string> = new Set(["id", "author", "document_type", "source_url"]);
const titleCharacters = 80;

/** One document a row. The first row names the columns; those that have no meaning of their own become metadata. */
export async function* csvEntries(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  columns: CsvColumns,
): AsyncGenerator<Entry, undefined> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: limits.lineBytes,
    delimiter: columns.delimiter ?? (extname(name).toLowerCase() === ".tsv" ? "\t" : ","),
  });
  const source = Readable.from(stream);
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  let header: Header | undefined;
  try {
    for await (const value of parser) {
      const { record, info } = row.parse(value);
      if (header === undefined) header = headerOf(record, name, columns);
      else yield { line: info.lines, ...documentOf(record, header) };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CommandError(`${name}: ${error.message}; what stands before was ingested`, { cause: error });
  } finally {
    source.destroy();
  }
}

interface Header {
  readonly names: readonly string[];
  readonly title: string | undefined;
  readonly text: string;
}

/** @throws CommandError where no column has the text */
function headerOf(record: readonly string[], name: string, columns: CsvColumns): Header {
  const names = record.map((column) => column.trim());
  const told = `its columns are ${names.join(", ")}`;
  for (const wanted of [columns.title, columns.text]) {
    if (wanted !== undefined && !names.includes(wanted)) {
      throw new CommandError(`${name}: has no column "${wanted}"; ${told}`, { exit: "usage" });
    }
  }
  const text = columns.text ?? textColumns.find((column) => names.includes(column));
  if (text === undefined) {
    const hint = "Name the column that holds the text with --text-column.";
    throw new CommandError(`${name}: cannot tell which column holds the text; ${told}`, { exit: "usage", hint });
  }
  return { names, text, title: columns.title ?? (names.includes("title") ? "title" : undefined) };
}

function documentOf(
  record: readonly string[],
  { names, title, text }: Header,
): { document: DocumentRow } | { fault: string } {
  if (record.length !== names.length)
    return { fault: `has ${record.length} columns, but the first row has ${names.length}` };
  const fields: Record<string, unknown> = {};
  let content = "";
  let heading = "";
  for (const [index, column] of names.entries()) {
    const value = record[index]?.trim() ?? "";
    if (column === text) content = value;
    if (column === title) heading = value;
    if (column === text || column === title || column === "" || value === "") continue;
    fields[column] = fieldOf(column, value);
  }
  if (content === "") return { fault: `has nothing in the column "${text}"` };
  return {
    document: { ...fields, title: heading === "" ? content.slice(0, titleCharacters) : heading, text: content },
  };
}

interface DocumentRow {
  readonly title: string;
  readonly text: string;
  readonly [field: string]: unknown;
}

function fieldOf(column: string, value: string): unknown {
  if (column === "tags")
    return value
      .split(/[;,|]/)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== "");
  if (ownFields.has(column)) return value;
  // Numbers can be compared in filters; what would change when it is written again stays a text.
  const number = exactNumber(value);
  return Number.isFinite(Number(number)) && String(number) === value ? number : value;
}
