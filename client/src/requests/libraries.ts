import type { Http } from "./http.ts";
import type { ListPageOptions, RequestOptions } from "../options.ts";
import { pathSegment } from "./path-segment.ts";
import { allItems } from "./pages.ts";
import type { CreateLibrary, Library, LibraryDeleted, LibraryList, UpdateLibrary } from "../wire.ts";

const pathOf = (id: string) => `/v1/libraries/${pathSegment("library_id", id)}`;

/** The libraries of the server. An id may be a name that only one library has. Each method throws `ArrwClientError`, or the signal's reason. */
export class Libraries {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  async create(library: CreateLibrary, options: RequestOptions = {}): Promise<Library> {
    return this.#http.json("POST", "/v1/libraries", { ...options, body: library });
  }

  /** All libraries, in order of creation. */
  list(options: RequestOptions = {}): AsyncGenerator<Library> {
    return allItems(async (cursor) => {
      const page: LibraryList = await this.#http.json("GET", "/v1/libraries", {
        ...options,
        query: { cursor, limit: 1_000 },
      });
      return { items: page.libraries, next: page.next_cursor };
    });
  }

  /** One page of libraries; `next_cursor` is null on the last page. */
  async page(options: ListPageOptions = {}): Promise<LibraryList> {
    const { limit, cursor, signal, timeout } = options;
    return this.#http.json("GET", "/v1/libraries", { query: { limit, cursor }, signal, timeout });
  }

  async get(id: string, options: RequestOptions = {}): Promise<Library> {
    return this.#http.json("GET", pathOf(id), options);
  }

  async update(id: string, patch: UpdateLibrary, options: RequestOptions = {}): Promise<Library> {
    return this.#http.json("PATCH", pathOf(id), { ...options, body: patch });
  }

  async delete(id: string, options: RequestOptions = {}): Promise<LibraryDeleted> {
    return this.#http.json("DELETE", pathOf(id), options);
  }
}
