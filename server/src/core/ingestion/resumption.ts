import { hash } from "node:crypto";
import { checkSameLine } from "../../store/receipt-check.ts";
import type { StoredReceipt, UploadLine, UploadStore } from "../../store/upload-store.ts";

/** What resumed uploads need of the store. */

/** Receipts that are held at a time. */
const pageSize = 256;

/** What is known of an upload from the times that it was sent before. */
export class Resumption {
  readonly #uploads: UploadStore;
  readonly #libraryId: string;
  readonly uploadId: string;
  /** Ascending, and gone through in step with the lines. */
  #page: readonly StoredReceipt[] = [];
  #position = 0;
  /** No page follows. */
  #isLast = false;
  /** Lines are looked up one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  static async begin(uploads: UploadStore, libraryId: string, idempotencyKey: string): Promise<Resumption> {
    const { uploadId } = await uploads.begin(libraryId, idempotencyKey);
    return new Resumption(uploads, libraryId, uploadId);
  }

  private constructor(uploads: UploadStore, libraryId: string, uploadId: string) {
    this.#uploads = uploads;
    this.#libraryId = libraryId;
    this.uploadId = uploadId;
  }

  /**
   * The receipt of this line, if it was committed before, and the line as the store wants it otherwise. Has to be called
   * for the lines in their order, but not one at a time.
   *
   * @throws ArrwError `idempotency_conflict` if another line was committed in its place
   */
  async recall(line: number, bytes: Uint8Array): Promise<{ replayed: StoredReceipt } | { uploadLine: UploadLine }> {
    const found = this.#turn.then(() => this.#find(line));
    this.#turn = found.catch(() => undefined);
    const sent = hash("sha256", bytes, "buffer");
    const receipt = await found;
    if (receipt === undefined) return { uploadLine: { line, hash: sent } };
    checkSameLine(receipt, sent);
    return { replayed: receipt };
  }

  async #find(line: number): Promise<StoredReceipt | undefined> {
    for (;;) {
      while ((this.#page[this.#position]?.line ?? line) < line) this.#position++;
      const receipt = this.#page[this.#position];
      if (receipt !== undefined) return receipt.line === line ? receipt : undefined;
      if (this.#isLast) return undefined;
      const range = { uploadId: this.uploadId, afterLine: line - 1, limit: pageSize };
      this.#page = await this.#uploads.readReceipts(this.#libraryId, range);
      this.#position = 0;
      this.#isLast = this.#page.length < pageSize;
    }
  }
}
