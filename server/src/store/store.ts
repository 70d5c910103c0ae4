import type { DocumentStore } from "./document-store.ts";
import type { EventStore } from "./event-store.ts";
import type { LibraryStore } from "./library-store.ts";
import type { ReembeddingStore } from "./reembedding-store.ts";
import type { SearchStore } from "./search-store.ts";
import type { UploadStore } from "./upload-store.ts";

/**
 * The core's port to data, in six parts. It assumes neither a single process nor a single writer: other nodes may write
 * to the same libraries, and their events arrive here too. Every failure is an `ArrwError`: an I/O error is
 * `storage_full` or `storage_failed`, and nothing of the call is written. Readers never see a partial change.
 */
export interface Store {
  readonly libraries: LibraryStore;
  readonly documents: DocumentStore;
  readonly uploads: UploadStore;
  readonly searches: SearchStore;
  readonly events: EventStore;
  readonly reembeddings: ReembeddingStore;
  /**
   * Finishes work in progress, rejects queued documents and all later calls with `shutting_down`, and releases all
   * resources. Idempotent.
   */
  close(): Promise<void>;
}
