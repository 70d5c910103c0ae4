import { extname } from "node:path";
import { csvRecords } from "./csv-records.ts";
import { cellValue } from "./csv-value.ts";
import type { CsvColumns, SourceEntry } from "./ingest-source.ts";

/** Columns that hold the text, the first that there is. */
const textColumns = ["text", "content", "body", "description"];
/** Columns that are fields of a document. */
const ownFields: ReadonlySet<string> = new Set(["id", "author", "document_type", "source_url"]);

/**
 * One document per row. If the columns were not named, the first row names them; columns without a special meaning
 * become metadata. A `.tsv` file has no quoting, as its cells contain neither tabs nor line ends.
 */
export async function* csvEntries(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  columns: CsvColumns,
): AsyncGenerator<SourceEntry, undefined> {
  const tabs = columns.delimiter === undefined && extname(name).toLowerCase() === ".tsv";
  const form = { delimiter: columns.delimiter ?? (tabs ? "\t" : ","), quoted: !tabs };
  let header = columns.names === undefined ? undefined : headerOf(columns.names, columns);
  for await (const record of csvRecords(stream, form)) {
    const { line } = record;
    const isHeader = header === undefined;
    header ??= "fault" in record ? record.fault : headerOf(record.cells, columns);
    if (typeof header === "string") {
      // Without it no row can be understood.
      yield { line, fault: header };
      return;
    }
    if ("fault" in record) yield { line, fault: record.fault };
    else if (!isHeader) yield { line, ...documentOf(record.cells, header) };
  }
}

interface Header {
  readonly names: readonly string[];
  readonly title: string | undefined;
  readonly text: string;
  /** Columns whose values stay texts. */
  readonly asText: ReadonlySet<string>;
  /** Whether the user named the columns. */
  readonly given: boolean;
}

/** The meaning of the columns, or why it is unknown. */
function headerOf(record: readonly string[], columns: CsvColumns): Header | string {
  const written = record.map((column) => column.trim());
  const absent = columns.renamed.keys().find((column) => !written.includes(column));
  if (absent !== undefined) return `has no column "${absent}" to rename; its columns are ${written.join(", ")}`;
  const names = written.map((column) => columns.renamed.get(column) ?? column);
  const columnList = `its columns are ${names.join(", ")}`;
  const asText = columns.asText ?? [];
  for (const wanted of [columns.title, columns.text, ...asText]) {
    if (wanted !== undefined && !names.includes(wanted)) return `has no column "${wanted}"; ${columnList}`;
  }
  const twice = names.find((column, index) => column !== "" && names.indexOf(column) !== index);
  if (twice !== undefined) return `has two columns "${twice}", of which one would be lost; rename one`;
  const text = columns.text ?? textColumns.find((column) => names.includes(column));
  if (text === undefined) {
    const hint = names.length === 1 ? "set the delimiter with --delimiter, or " : "";
    return `has no known text column; ${columnList}; ${hint}choose one with --text-column`;
  }
  return {
    names,
    text,
    asText: new Set(asText),
    given: columns.names !== undefined,
    title: columns.title ?? (names.includes("title") ? "title" : undefined),
  };
}

function documentOf(
  record: readonly string[],
  { names, title, text, asText, given }: Header,
): { document: CsvDocument } | { fault: string } {
  if (record.length !== names.length)
    return {
      fault: `has ${record.length} columns, but ${given ? "--columns names" : "the first row has"} ${names.length}`,
    };
  const fields: [name: string, value: unknown][] = [];
  let content = "";
  let heading = "";
  for (const [index, column] of names.entries()) {
    const value = record[index]?.trim() ?? "";
    if (column === text) content = value;
    if (column === title) heading = value;
    if (column === text || column === title || column === "" || value === "") continue;
    fields.push([column, asText.has(column) ? value : fieldOf(column, value)]);
  }
  if (content === "") return { fault: `has no text in the column "${text}"` };
  return {
    // Each an own field, whatever its name. Without a title, the server makes one.
    document: { ...Object.fromEntries(fields), ...(heading === "" ? {} : { title: heading }), text: content },
  };
}

interface CsvDocument {
  readonly title?: string;
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
  return cellValue(value);
}
