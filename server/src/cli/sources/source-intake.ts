import type { DocumentInput } from "arrwdb-client";
import { failureOf } from "../terminal/command-failure.ts";
import { entriesOf } from "./source-entries.ts";
import type { CsvColumns, Source } from "./ingest-source.ts";

/** The position of a document in its source. */
interface SourcePlace {
  readonly source: string;
  readonly line: number;
  /** Bytes of all sources that had been read when it was. */
  readonly bytes: number;
}

/**
 * The documents of several sources as one stream, which remembers the origin of each pending one. Unreadable documents
 * are reported and skipped.
 */
export class Intake {
  readonly #sources: readonly Source[];
  readonly #columns: CsvColumns;
  readonly #onFault: (place: string, message: string) => void;
  readonly #places = new Map<number, SourcePlace>();
  #count = 0;
  #bytes = 0;

  /** @param onFault called with each place without a readable document, and the reason */
  constructor(sources: readonly Source[], columns: CsvColumns, onFault: (place: string, message: string) => void) {
    this.#sources = sources;
    this.#columns = columns;
    this.#onFault = onFault;
  }

  async *documents(): AsyncGenerator<DocumentInput, undefined> {
    for (const source of this.#sources) {
      try {
        for await (const entry of entriesOf(source, this.#columns, (bytes) => (this.#bytes += bytes))) {
          if ("fault" in entry) this.#onFault(`${source.name}:${entry.line}`, entry.fault);
          else {
            this.#count += 1;
            this.#places.set(this.#count, { source: source.name, line: entry.line, bytes: this.#bytes });
            yield entry.document;
          }
        }
      } catch (error) {
        this.#onFault(source.name, failureOf(error).message);
      }
    }
  }

  /** The origin of the document with this number, which is then forgotten, with all earlier ones. */
  take(number: number): SourcePlace | undefined {
    const place = this.#places.get(number);
    for (const earlier of this.#places.keys()) {
      if (earlier > number) break;
      this.#places.delete(earlier);
    }
    return place;
  }
}
