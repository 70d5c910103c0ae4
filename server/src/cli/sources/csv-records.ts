import { limits } from "@arrwdb/protocol/limits";
import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import { splitLines } from "../../core/ingestion/lines.ts";

/** A row with the number of its first line, or the error of one. */
export type CsvRecord = { readonly line: number } & (
  | { readonly cells: readonly string[] }
  | { readonly fault: string }
);

export interface CsvForm {
  readonly delimiter: string;
  /** Whether a quoted cell may contain delimiters and line ends. */
  readonly quoted: boolean;
}

type CsvLine = { readonly number: number } & ({ readonly text: string } | { readonly fault: string });
type TextLine = Extract<CsvLine, { text: string }>;

const quote = '"';

/**
 * The rows of a table. A malformed row is reported and costs no other: if a quote is not closed, or closed wrongly,
 * only its first line is skipped, and reading continues with the next.
 */
export async function* csvRecords(stream: AsyncIterable<Uint8Array>, form: CsvForm): AsyncGenerator<CsvRecord> {
  const rows = new Rows(form);
  for await (const line of linesOf(stream)) {
    if ("text" in line) {
      rows.add(line);
      yield* rows.complete(false);
    } else {
      // No row extends over an unreadable line.
      yield* rows.complete(true);
      yield { line: line.number, fault: line.fault };
    }
  }
  yield* rows.complete(true);
}

/** The lines of a text, including empty ones, as a cell may contain them. */
async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<CsvLine> {
  let next = 1;
  for await (const { number, bytes } of splitLines(stream, limits.lineBytes)) {
    for (; next < number; next++) yield { number: next, text: "" };
    next = number + 1;
    if (bytes === undefined) yield { number, fault: `is longer than ${limits.lineBytes} bytes` };
    else yield decoded(number, bytes);
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function decoded(number: number, bytes: Uint8Array): CsvLine {
  try {
    return { number, text: decoder.decode(bytes) };
  } catch {
    return { number, fault: "is not valid UTF-8" };
  }
}

/** Lines that are not yet a row. */
class Rows {
  readonly #form: CsvForm;
  readonly #lines: TextLine[] = [];
  /** Lines searched for the end of the row, and whether the row continues after them. */
  #seen = 0;
  #open = false;
  #size = 0;

  constructor(form: CsvForm) {
    this.#form = form;
  }

  add(line: TextLine): void {
    this.#lines.push(line);
    this.#size += line.text.length;
  }

  /** @param ended whether no further line can belong to the row */
  *complete(ended: boolean): Generator<CsvRecord> {
    while (this.#lines.length > 0) {
      this.#look();
      if (this.#open && !ended && this.#size <= limits.lineBytes) return;
      const [first] = this.#lines;
      if (first === undefined) return;
      const cells = this.#open ? "has an unclosed quote" : this.#parse(this.#lines.slice(0, this.#seen));
      const line = first.number;
      if (typeof cells === "string") yield { line, fault: cells };
      else if (cells !== undefined) yield { line, cells };
      this.#remove(typeof cells === "string" ? 1 : this.#seen);
    }
  }

  #look(): void {
    while (this.#seen < this.#lines.length && (this.#seen === 0 || this.#open)) {
      this.#open = goesOn(this.#lines[this.#seen]?.text ?? "", this.#open, this.#form);
      this.#seen++;
    }
  }

  #remove(count: number): void {
    for (const { text } of this.#lines.splice(0, count)) this.#size -= text.length;
    this.#seen = 0;
    this.#open = false;
  }

  /** The cells of a row, its error, or undefined for an empty line. */
  #parse(lines: readonly TextLine[]): readonly string[] | string | undefined {
    const { delimiter, quoted } = this.#form;
    try {
      const text = lines.map((line) => line.text.replace(/\r$/, "")).join("\n");
      const records: string[][] = parse(text, {
        delimiter,
        quote: quoted ? quote : false,
        escape: quoted ? quote : false,
        record_delimiter: "\n",
        relax_column_count: true,
        skip_empty_lines: true,
      });
      return records[0];
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      return "has a quote in an unquoted cell; quote the cell, and double each quote in it";
    }
  }
}

/** Whether a row continues after this line, as a quoted cell is not closed. */
function goesOn(text: string, open: boolean, { delimiter, quoted }: CsvForm): boolean {
  if (!quoted) return false;
  let inside = open;
  for (let at = 0; ;) {
    if (!inside && text.startsWith(quote, at)) {
      inside = true;
      at++;
    }
    if (inside) {
      const end = text.indexOf(quote, at);
      if (end === -1) return true;
      inside = text.startsWith(quote, end + 1);
      at = end + (inside ? 2 : 1);
      if (inside) continue;
    }
    const next = text.indexOf(delimiter, at);
    if (next === -1) return false;
    at = next + delimiter.length;
  }
}
