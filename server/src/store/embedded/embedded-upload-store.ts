import type { ReceiptRange, UploadStore } from "../upload-store.ts";
import type { StoreThreads } from "./store-threads.ts";

/** Uploads through the writing thread. */
export class EmbeddedUploadStore implements UploadStore {
  readonly #threads: StoreThreads;

  constructor(threads: StoreThreads) {
    this.#threads = threads;
  }

  begin(libraryId: string, idempotencyKey: string) {
    return this.#threads.writer.call("beginUpload", { libraryId, idempotencyKey });
  }

  readReceipts(libraryId: string, range: ReceiptRange) {
    return this.#threads.writer.call("readReceipts", { libraryId, range });
  }
}
