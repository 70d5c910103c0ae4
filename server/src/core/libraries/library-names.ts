import { isUuid } from "@arrwdb/protocol/documents/document-id";
import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { limits } from "@arrwdb/protocol/limits";
import { LRUCache } from "lru-cache";
import { sameNames } from "../../store/library-store.ts";
import type { Store } from "../../store/store.ts";

/** Characters of cached names and ids. */
const rememberedCharacters = 4 * 1024 * 1024;
const idCharacters = 36;
/** Ids that an error lists. */
const listedIds = 10;

/** Finds libraries by name, and caches what it found, including that there is none. */
export class LibraryNames {
  readonly #store: Store;
  /** Ids by name. */
  readonly #known = new LRUCache<string, readonly string[]>({
    maxSize: rememberedCharacters,
    sizeCalculation: (ids, name) => name.length + (ids.length + 1) * idCharacters,
    dispose: (ids, name) => {
      for (const id of ids) if (this.#nameOf.get(id) === name) this.#nameOf.delete(id);
    },
  });
  /** The name under which an id is cached. */
  readonly #nameOf = new Map<string, string>();
  /** Number of changes of names so far. */
  #changes = 0;

  constructor(store: Store) {
    this.#store = store;
    store.events.onCommit((events) => {
      for (const event of events) this.#follow(event);
    });
  }

  /**
   * The id of a library that is given by its id or name. A UUID is an id, which need not exist.
   *
   * @param visible the ids of the libraries that the caller sees; null for all. The others are as if they did not exist
   * @throws ArrwError `library_not_found`, `ambiguous_name`
   */
  async resolve(given: string, visible: ReadonlySet<string> | null): Promise<string> {
    if (isUuid(given)) return given.toLowerCase();
    const ids = given.length > limits.shortText ? [] : await this.#visible(given, visible);
    const [id, other] = ids;
    const shown = JSON.stringify(cut(given));
    if (id === undefined) {
      throw new ArrwError("library_not_found", `There is no library named ${shown}, or the key has no access to it`);
    }
    if (other === undefined) return id;
    const listed = ids.slice(0, listedIds).join(", ");
    const count = ids.length < sameNames ? String(ids.length) : `${sameNames} or more`;
    throw new ArrwError("ambiguous_name", `${count} libraries are named ${shown}; use one of their ids: ${listed}`);
  }

  async #visible(name: string, visible: ReadonlySet<string> | null): Promise<readonly string[]> {
    const ids = await this.#named(name);
    if (visible === null) return ids;
    // There may be more than these.
    if (ids.length >= sameNames) return this.#store.libraries.named(name, [...visible]);
    return ids.filter((id) => visible.has(id));
  }

  async #named(name: string): Promise<readonly string[]> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const changes = this.#changes;
    const ids = await this.#store.libraries.named(name, null);
    // What was read before a change is not kept after it.
    if (changes !== this.#changes) return ids;
    // A read can be ahead of the event that a library was renamed.
    for (const id of ids) this.#forget(id);
    this.#known.set(name, ids);
    for (const id of ids) this.#nameOf.set(id, name);
    return ids;
  }

  #forget(id: string): void {
    const name = this.#nameOf.get(id);
    if (name !== undefined) this.#known.delete(name);
  }

  #follow({ type, library_id, data }: LibraryEvent): void {
    if (type !== "library.created" && type !== "library.updated" && type !== "library.deleted") return;
    this.#changes += 1;
    this.#forget(library_id);
    if ("name" in data) this.#known.delete(data.name);
  }
}
