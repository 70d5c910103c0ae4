import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import type { EventSettings, Library, TextLanguage } from "@arrwdb/protocol/documents/model";
import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import type { LibraryExport } from "./library-export.ts";
import type { Page, PageRequest } from "./page.ts";

export interface NewLibrary {
  readonly name: string;
  readonly description: string | null;
  readonly embeddingModel: string;
  readonly dimension: number;
  /** Defaults to `en`. */
  readonly language?: TextLanguage | undefined;
  /** Defaults to `auto`. */
  readonly index?: IndexSettings | undefined;
  readonly events: EventSettings;
  /** Whether to fail with `name_taken` if another library has the name. */
  readonly uniqueName?: boolean | undefined;
}

/** The mutable properties of a library; undefined leaves one unchanged. */
export interface LibraryPatch {
  readonly name?: string | undefined;
  /** Whether to fail with `name_taken` if another library has the new name. */
  readonly uniqueName?: boolean | undefined;
  readonly description?: string | null | undefined;
  /** A new index is built in the background and replaces the current one when ready. */
  readonly index?: IndexSettings | undefined;
  readonly events?: Partial<EventSettings> | undefined;
}

/** Libraries of one name that a store tells. */
export const sameNames = 1_000;

/** Libraries. An unknown or deleted one fails with `library_not_found`. */
export interface LibraryStore {
  /** Durable when it resolves; the library's first change, `library.created`, has seq 1. */
  create(library: NewLibrary): Promise<Library>;
  get(id: string): Promise<Library>;
  /** In order of creation. */
  list(page: PageRequest): Promise<Page<Library>>;
  /**
   * The ids of libraries with exactly this name, in order of creation; at most `sameNames` of them.
   *
   * @param among the only ids that count; null for all
   */
  named(name: string, among: readonly string[] | null): Promise<readonly string[]>;
  /** A single change: `library.updated`. */
  update(id: string, patch: LibraryPatch): Promise<Library>;
  /** Deletes the library with all its content. Returns the seq of its last change, `library.deleted`. */
  delete(id: string): Promise<number>;
  /** How the library is searched, and with what recall. */
  statistics(id: string): Promise<LibraryStatistics>;
  /**
   * Exports a library: a snapshot of all its documents and vectors, which neither blocks writes nor is affected by them.
   * Contains every write that had resolved before the call.
   *
   * @throws ArrwError `overloaded` if too many exports are open
   */
  export(id: string): Promise<LibraryExport>;
}
