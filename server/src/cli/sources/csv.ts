import { exactNumber } from "@arrwdb/protocol/exact-json";
import { extname } from "node:path";
import { CommandError } from "../terminal/exit.ts";
import { csvRecords } from "./csv-records.ts";
import type { CsvColumns, Entry } from "./source.ts";

/** Columns that hold the text, the first that there is. */
const textColumns = ["text", "content", "body", "description"];
/** Columns that are fields of a document. */
const ownFields: ReadonlySet<string> = new Set(["id", "author", "document_type", "source_url"]);
const titleCharacters = 80;

/**
 * One document a row. Where the columns were not named, the first row does; those that have no meaning of their own become
 * metadata. A `.tsv` file has no quoting, as cells of that form hold neither tabs nor line ends.
 */
export async function* csvEntries(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  columns: CsvColumns,
): AsyncGenerator<Entry, undefined> {
  const tabs = columns.delimiter === undefined && extname(name).toLowerCase() === ".tsv";
  const form = { delimiter: columns.delimiter ?? (tabs ? "\t" : ","), quoted: !tabs };
  let header = columns.names === undefined ? undefined : headerOf(columns.names, name, columns);
  for await (const record of csvRecords(stream, form)) {
    const { line } = record;
    if ("fault" in record) {
      if (header === undefined) throw new CommandError(`${name}:${line}: ${record.fault}`);
      yield { line, fault: record.fault };
    } else if (header === undefined) header = headerOf(record.cells, name, columns);
    else yield { line, ...documentOf(record.cells, header) };
  }
}

interface Header {
  readonly names: readonly string[];
  readonly title: string | undefined;
  readonly text: string;
  /** Whether the columns were named by whoever began the command. */
  readonly given: boolean;
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
  return {
    names,
    text,
    given: columns.names !== undefined,
    title: columns.title ?? (names.includes("title") ? "title" : undefined),
  };
}

function documentOf(
  record: readonly string[],
  { names, title, text, given }: Header,
): { document: DocumentRow } | { fault: string } {
  if (record.length !== names.length)
    return {
      fault: `has ${record.length} columns, but ${given ? "there are names for" : "the first row has"} ${names.length}`,
    };
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
