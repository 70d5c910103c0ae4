import type { ReplicaStep } from "../engine/changes/replica-step.ts";
import type { StoreThreads } from "./store-threads.ts";

/** Libraries that are stored elsewhere, and copied here step by step; of a store that was opened as a replica. */
export class EmbeddedReplica {
  readonly #threads: StoreThreads;

  constructor(threads: StoreThreads) {
    this.#threads = threads;
  }

  /** The libraries and their positions. */
  libraries() {
    return this.#threads.writer.call("replicatedLibraries", undefined);
  }

  /** Resolves when the step is visible to searches; its events are published before. */
  async apply(step: ReplicaStep): Promise<void> {
    await this.#threads.writer.call("applyStep", step);
  }

  /** Removes the library's copy. */
  async drop(libraryId: string): Promise<void> {
    await this.#threads.writer.call("dropLibrary", { libraryId });
  }
}
