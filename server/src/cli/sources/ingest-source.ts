import type { DocumentInput } from "arrwdb-client";

/** What can be ingested. */
export const formats = ["ndjson", "markdown", "text", "csv"] as const;
export type Format = (typeof formats)[number];

/** A document of a source, or why there is none at its place. */
export type SourceEntry = {
  /** From 1, as an editor counts. */
  readonly line: number;
} & ({ readonly document: DocumentInput } | { readonly fault: string });

/** The name of the source in messages. */
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
  /** The names of the columns if the first row is data. Default is the first row. */
  readonly names: readonly string[] | undefined;
  /** The new names of renamed columns, by their names in the file. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly title: string | undefined;
  readonly text: string | undefined;
  /** Columns whose values stay texts, even if they are numbers. */
  readonly asText: readonly string[] | undefined;
}
