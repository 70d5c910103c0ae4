import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SpoolBudget } from "./spool-budget.ts";

/** Bytes that are read from the file at once. */
const partBytes = 64 * 1024;

/**
 * A FIFO buffer on disk. The file is reused from its start once all was read. For one reader and one
 * writer, whose calls must not overlap.
 */
export class OverflowFile {
  readonly #directory: string;
  readonly #budget: SpoolBudget;
  #file: { readonly handle: FileHandle; readonly path: string } | undefined;
  #read = 0;
  #written = 0;
  /** Bytes of the spool budget that the file uses: its size. */
  #taken = 0;
  #isClosed = false;

  constructor(directory: string, budget: SpoolBudget) {
    this.#directory = directory;
    this.#budget = budget;
  }

  get isEmpty(): boolean {
    return this.#read === this.#written;
  }

  /** Whether the bytes were written; they are not if the budget is used up or the disk fails. */
  async add(bytes: Uint8Array): Promise<boolean> {
    if (this.isEmpty) this.#read = this.#written = 0;
    const growth = Math.max(this.#written + bytes.length - this.#taken, 0);
    if (this.#isClosed || !this.#budget.take(growth)) return false;
    this.#taken += growth;
    try {
      const file = await this.#open();
      for (let sent = 0; sent < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, sent, bytes.length - sent, this.#written + sent);
        sent += bytesWritten;
      }
    } catch {
      return false;
    }
    this.#written += bytes.length;
    return true;
  }

  /** The next bytes; must not be called when empty. */
  async take(): Promise<Uint8Array> {
    const part = Buffer.allocUnsafe(Math.min(partBytes, this.#written - this.#read));
    const file = await this.#open();
    const { bytesRead } = await file.read(part, 0, part.length, this.#read);
    if (bytesRead === 0) throw new Error("What an upload left waiting on the disk is gone");
    this.#read += bytesRead;
    return part.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const file = this.#file;
    this.#file = undefined;
    this.#budget.release(this.#taken);
    this.#taken = 0;
    await file?.handle.close();
    if (file !== undefined) await rm(file.path, { force: true });
  }

  async #open(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file.handle;
    await mkdir(this.#directory, { recursive: true });
    const path = join(this.#directory, `body-${randomUUID()}`);
    const handle = await open(path, "wx+", 0o600);
    this.#file = { handle, path };
    // Closed while it was opened.
    if (this.#isClosed) await this.close();
    return handle;
  }
}
