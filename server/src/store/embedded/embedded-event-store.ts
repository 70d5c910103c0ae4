import type { SearchPerformed } from "@arrwdb/protocol/events/events";
import type { CommitListener, EventRange, EventStore } from "../event-store.ts";
import type { StoreThreads } from "./store-threads.ts";

/** The event log, through the writing thread. */
export class EmbeddedEventStore implements EventStore {
  readonly #threads: StoreThreads;

  constructor(threads: StoreThreads) {
    this.#threads = threads;
  }

  onCommit(listener: CommitListener): () => void {
    return this.#threads.onCommit(listener);
  }

  read(libraryId: string, range: EventRange) {
    return this.#threads.writer.call("readEvents", { libraryId, range });
  }

  recordSearch(libraryId: string, search: SearchPerformed) {
    return this.#threads.writer.call("recordSearch", { libraryId, search });
  }
}
