import type { DocumentStore } from "./document-store.ts";
import type { EventStore } from "./event-store.ts";
import type { LibraryStore } from "./library-store.ts";
import type { SearchStore } from "./search-store.ts";
import type { UploadStore } from "./upload-store.ts";

/**
 * The port of the core to data, in five parts. It assumes neither one process nor one writer: other nodes may write to the
 * same libraries, and their events arrive here too. Every failure is an `ArrwError`: a disk that refuses is `storage_full`
 * or `storage_failed`, with nothing of the call written. Readers never see a part of a change.
 */
export interface Store {
  readonly libraries: LibraryStore;
  readonly documents: DocumentStore;
  readonly uploads: UploadStore;
  readonly searches: SearchStore;
  readonly events: EventStore;
  /**
   * Finishes what is in progress, refuses documents that wait to be written and all that comes after with `shutting_down`,
   * and releases everything. Safe to call twice.
   */
  close(): Promise<void>;
}
