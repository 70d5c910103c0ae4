import type { DocumentInput } from "arrwdb-client";

/** What can be ingested. */
export const formats = ["ndjson", "markdown", "text", "csv"] as const;
export type Format = (typeof formats)[number];

/** A document of a source, or why there is none at its place. */
export type SourceEntry = {
  /** From 1, as an editor counts. */
  readonly line: number;
} & ({ readonly document: DocumentInput } | { readonly fault: string });

/** What is read, by the name that messages give it. */
export interface Source {
  readonly name: string;
  readonly format: Format;
  /** Its size, or undefined if unknown, as for standard input. */
  readonly bytes: number | undefined;
  open(): AsyncIterable<Uint8Array>;
}

/** How CSV files are read. */
export interface CsvColumns {
  /** The delimiter of columns. Default is a comma, or a tab in a .tsv file. */
  readonly delimiter: string | undefined;
  /** What the columns are called in a file whose first row is a document already; the first row names them else. */
  readonly names: readonly string[] | undefined;
  /** What columns are called instead, by what they are called. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly title: string | undefined;
  readonly text: string | undefined;
  /** Columns of which the values stay texts, though they are numbers. */
  readonly asText: readonly string[] | undefined;
}
