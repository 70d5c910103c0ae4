import type { EventSettings, IndexSettings, Library, TextLanguage } from "@arrwdb/protocol/model";
import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import type { LibraryExport } from "./library-export.ts";
import type { Page, PageRequest } from "./page.ts";

export interface NewLibrary {
  readonly name: string;
  readonly description: string | null;
  readonly embeddingModel: string;
  readonly dimension: number;
  /** `en` where it is undefined. */
  readonly language?: TextLanguage | undefined;
  /** `auto` where it is not given. */
  readonly index?: IndexSettings | undefined;
  readonly events: EventSettings;
}

/** What of a library can change; what is undefined stays as it is. */
export interface LibraryPatch {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  /** Another one is made in the background, and takes over when it is ready. */
  readonly index?: IndexSettings | undefined;
  readonly events?: Partial<EventSettings> | undefined;
}

/** The libraries. An unknown one is `library_not_found`, whether it never was or was deleted. */
export interface LibraryStore {
  /** Durable when it resolves; the library's first change, `library.created`, has seq 1. */
  create(library: NewLibrary): Promise<Library>;
  get(id: string): Promise<Library>;
  /** In the order of creation. */
  list(page: PageRequest): Promise<Page<Library>>;
  /** One change: `library.updated`. */
  update(id: string, patch: LibraryPatch): Promise<Library>;
  /** Deletes the library with all it holds. Its last change, `library.deleted`, is returned by its seq. */
  delete(id: string): Promise<number>;
  /** How the library is searched, and how well. */
  statistics(id: string): Promise<LibraryStatistics>;
  /**
   * Begins to export a library: all its documents with their vectors as of one position, whatever is written meanwhile,
   * which the export does not hinder. It shows every write that had resolved when it was asked for.
   *
   * @throws ArrwError `overloaded` if as many exports are open as may be.
   */
  export(id: string): Promise<LibraryExport>;
}
