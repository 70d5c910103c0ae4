import type { Exports } from "../engine/export/exports.ts";
import type { LibraryExport } from "../library-export.ts";
import type { LibraryPatch, LibraryStore, NewLibrary } from "../library-store.ts";
import type { PageRequest } from "../page.ts";
import type { StoreThreads } from "./store-threads.ts";

/** Libraries through the writing thread; each export has a thread of its own. */
export class EmbeddedLibraryStore implements LibraryStore {
  readonly #threads: StoreThreads;
  readonly #exports: Exports;

  constructor(threads: StoreThreads, exports: Exports) {
    this.#threads = threads;
    this.#exports = exports;
  }

  create(library: NewLibrary) {
    return this.#threads.writer.call("createLibrary", library);
  }

  get(id: string) {
    return this.#threads.expiry.read(id, () => this.#threads.writer.call("getLibrary", { id }));
  }

  list(page: PageRequest) {
    return this.#threads.writer.call("listLibraries", page);
  }

  named(name: string, among: readonly string[] | null) {
    return this.#threads.writer.call("namedLibraries", { name, among });
  }

  update(id: string, patch: LibraryPatch) {
    return this.#threads.writer.call("updateLibrary", { id, patch });
  }

  delete(id: string) {
    return this.#threads.writer.call("deleteLibrary", { id });
  }

  statistics(libraryId: string) {
    return this.#threads.expiry.read(libraryId, () => this.#threads.searcher.call("libraryStatistics", { libraryId }));
  }

  export(id: string): Promise<LibraryExport> {
    return this.#threads.expiry.read(id, async () => {
      const { refusal } = this.#threads;
      if (refusal !== undefined) throw refusal;
      return this.#exports.open(id);
    });
  }
}
