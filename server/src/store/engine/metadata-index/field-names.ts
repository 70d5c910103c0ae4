import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import type { Metadata, MetadataValue } from "@arrwdb/protocol/documents/metadata";

/** Maximum number of names, and of their characters in total; beyond that, a library's names are unknown. */
const mostNames = 4_096;
const mostCharacters = 256 * 1024;

const isNested = (value: MetadataValue | undefined): value is Metadata =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The names of all fields that the first rows have, or once had. So a filter on a field that no chunk has, such as a
 * misspelled one, is recognized without reading the chunks.
 */
export class FieldNames {
  readonly #names = new Set<string>();
  #characters = 0;
  #rows = 0;

  /** Number of rows, from the first, whose names are known. */
  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return 2 * this.#characters + 60 * this.#names.size;
  }

  /** Whether it is known that none of the first `count` rows has the field. */
  lacks(name: string, count: number): boolean {
    return this.#rows >= count && !this.#overflowed && !this.#names.has(name);
  }

  /** Adds the names of a row. */
  note(record: FilterRecord): void {
    if (!this.#overflowed) this.#add("", record);
  }

  /** All rows before this one have been added, or were removed. */
  reach(rows: number): void {
    this.#rows = rows;
  }

  get #overflowed(): boolean {
    return this.#names.size > mostNames || this.#characters > mostCharacters;
  }

  #add(prefix: string, record: Metadata): void {
    for (const [key, value] of Object.entries(record)) {
      const name = `${prefix}${key}`;
      if (!this.#names.has(name)) {
        this.#names.add(name);
        this.#characters += name.length;
      }
      if (isNested(value)) this.#add(`${name}.`, value);
    }
  }
}
