import { type FilterRecord, isList, isObject, metadataPrefix } from "@arrwdb/protocol/filter/field-values";
import type { Metadata } from "@arrwdb/protocol/documents/metadata";

/** Maximum number of names, and of their characters in total; beyond that, a library's names are unknown. */
const mostNames = 4_096;
const mostCharacters = 256 * 1024;

/**
 * The names of all fields that the first rows have, or once had. So a filter on a field that no chunk has, such as a
 * misspelled one, is recognized without reading the chunks.
 */
export class FieldNames {
  readonly #names = new Set<string>();
  /** Beginnings of paths through arrays, which are not followed: any field may be behind one. */
  readonly #arrays = new Set<string>();
  #characters = 0;
  #rows = 0;

  /** Number of rows, from the first, whose names are known. */
  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return 2 * this.#characters + 60 * (this.#names.size + this.#arrays.size);
  }

  /** Whether it is known that none of the first `count` rows has the field. */
  lacks(name: string, count: number): boolean {
    if (this.#rows < count || this.#overflowed || this.#has(name)) return false;
    return !name.startsWith(metadataPrefix) || !this.#has(name.slice(metadataPrefix.length));
  }

  /** Adds the names of a row. */
  note({ server, metadata }: FilterRecord): void {
    if (this.#overflowed) return;
    this.#add("", server);
    this.#add("", metadata);
  }

  /** All rows before this one have been added, or were removed. */
  reach(rows: number): void {
    this.#rows = rows;
  }

  get #overflowed(): boolean {
    return this.#names.size > mostNames || this.#characters > mostCharacters;
  }

  #has(name: string): boolean {
    return this.#names.has(name) || this.#arrays.values().some((array) => name.startsWith(array));
  }

  #add(prefix: string, fields: Metadata): void {
    for (const [key, value] of Object.entries(fields)) {
      const name = `${prefix}${key}`;
      this.#note(this.#names, name);
      if (isObject(value)) this.#add(`${name}.`, value);
      else if (isList(value)) this.#note(this.#arrays, `${name}.`);
    }
  }

  #note(names: Set<string>, name: string): void {
    if (names.has(name)) return;
    names.add(name);
    this.#characters += name.length;
  }
}
