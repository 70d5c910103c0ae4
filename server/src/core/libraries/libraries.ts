import { ArrwError } from "@arrwdb/protocol/errors/errors";
import {
  type CreateLibraryRequest,
  defaultEventSettings,
  type EventSettings,
  type Library,
  noEmbeddingModel,
  type PatchLibraryRequest,
} from "@arrwdb/protocol/documents/model";
import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import type { EmbedderRegistry } from "../../embedding/embedder-registry.ts";
import type { LibraryExport } from "../../store/library-export.ts";
import type { Page, PageRequest } from "../../store/page.ts";
import type { Store } from "../../store/store.ts";

import { chooseModel } from "./choose-model.ts";

/** The least number of a key's libraries read at once for its list, even if the page is smaller. */
const leastRead = 16;

/** The settings that were given; a spread would also copy undefined ones. */
function definedOf(events: CreateLibraryRequest["events"]): Partial<EventSettings> {
  const { max_age_seconds, max_count, search_performed } = events ?? {};
  return {
    ...(max_age_seconds === undefined ? {} : { max_age_seconds }),
    ...(max_count === undefined ? {} : { max_count }),
    ...(search_performed === undefined ? {} : { search_performed }),
  };
}

/** Creates, reads, changes and deletes libraries. */
export class Libraries {
  readonly #store: Store;
  readonly #embedders: EmbedderRegistry;

  constructor(store: Store, embedders: EmbedderRegistry) {
    this.#store = store;
    this.#embedders = embedders;
  }

  /** Determines the model and the dimension, and refuses a pair that does not match. */
  async create(request: CreateLibraryRequest): Promise<Library> {
    return this.#store.libraries.create({
      name: request.name,
      description: request.description ?? null,
      language: request.language,
      index: request.index,
      events: { ...defaultEventSettings, ...definedOf(request.events) },
      uniqueName: request.unique_name,
      ...this.#modelOf(request),
    });
  }

  get(id: string): Promise<Library> {
    return this.#store.libraries.get(id);
  }

  /** How the library is searched, and how well. */
  statistics(id: string): Promise<LibraryStatistics> {
    return this.#store.libraries.statistics(id);
  }

  /** The library with its documents, all as of one position. */
  export(id: string): Promise<LibraryExport> {
    return this.#store.libraries.export(id);
  }

  /** @param ids of the libraries to list; all if null */
  list(page: PageRequest, ids: ReadonlySet<string> | null = null): Promise<Page<Library>> {
    return ids === null ? this.#store.libraries.list(page) : this.#listSome(page, ids);
  }

  update(id: string, patch: PatchLibraryRequest): Promise<Library> {
    const { unique_name: uniqueName, ...changes } = patch;
    return this.#store.libraries.update(id, { ...changes, uniqueName, events: definedOf(patch.events) });
  }

  delete(id: string): Promise<number> {
    return this.#store.libraries.delete(id);
  }

  /** Ids are made in the order of creation, so they are the order, and the cursor. */
  async #listSome({ limit, cursor }: PageRequest, ids: ReadonlySet<string>): Promise<Page<Library>> {
    if (cursor !== undefined && !ids.has(cursor)) {
      throw new ArrwError("invalid_cursor", "cursor: was not returned by this list; start without a cursor", {
        field: "cursor",
      });
    }
    const wanted = [...ids].toSorted().filter((id) => cursor === undefined || id > cursor);
    const items: Library[] = [];
    // One more than the page shows whether another follows. Deleted libraries are replaced by the next ones.
    while (wanted.length > 0 && items.length <= limit) {
      const next = wanted.splice(0, Math.max(leastRead, limit + 1 - items.length));
      const found = await Promise.all(next.map((id) => this.#find(id)));
      items.push(...found.filter((library) => library !== undefined));
    }
    const page = items.slice(0, limit);
    return { items: page, nextCursor: items.length > limit ? (page.at(-1)?.id ?? null) : null, seq: 0 };
  }

  async #find(id: string): Promise<Library | undefined> {
    try {
      return await this.#store.libraries.get(id);
    } catch (error) {
      if (error instanceof ArrwError && error.code === "library_not_found") return undefined;
      throw error;
    }
  }

  #modelOf(request: CreateLibraryRequest): { embeddingModel: string; dimension: number } {
    if (request.embedding_model === noEmbeddingModel) {
      if (request.dimension !== undefined) return { embeddingModel: noEmbeddingModel, dimension: request.dimension };
      const message = `dimension: is required for a library whose embedding_model is "${noEmbeddingModel}"`;
      throw new ArrwError("validation_failed", message, { field: "dimension" });
    }
    const remedy = `omit it, or set embedding_model to "${noEmbeddingModel}" to send vectors of your own`;
    return chooseModel(this.#embedders, request, remedy);
  }
}
