import { randomFillSync } from "node:crypto";
import { closeSync, openSync, statfsSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isDiskFull } from "../../engine/rows/storage-error.ts";

/** Bytes. A start needs 32 KiB for the index of SQLite's log; the rest is a margin for other files. */
export const reserveBytes = 512 * 1024;
/** Bytes released at a time. */
const step = 64 * 1024;
/** Free bytes from which on the reserve may be refilled. */
const plenty = 16 * 1024 * 1024;

/**
 * A file that reserves some space, so that the data can be opened on a full disk: a clean shutdown removes the index of
 * SQLite's log, and a start has to create it again.
 */
export class DiskReserve {
  readonly #directory: string;
  readonly #file: string;
  #isSpent = false;

  constructor(directory: string) {
    this.#directory = directory;
    this.#file = join(directory, "arrwdb.reserve");
  }

  /** Runs it, and releases more space and retries each time it fails for lack of space. @throws the last error */
  spend<Value>(run: () => Value): Value {
    for (;;) {
      try {
        return run();
      } catch (error) {
        // SQLite does not always report that the cause was lack of space.
        const isFull = isDiskFull(error) || this.#free() < step;
        if (!isFull || !this.#shrink()) throw error;
      }
    }
  }

  /** Reserves as much as there is room for. The reserve is optional. */
  fill(): void {
    const missing = reserveBytes - this.#size();
    if (missing <= 0) return;
    try {
      const file = openSync(this.#file, "a", 0o600);
      try {
        // Some file systems do not allocate space for zeros.
        const bytes = randomFillSync(Buffer.alloc(missing));
        for (let at = 0; at < missing;) at += writeSync(file, bytes, at, Math.min(step, missing - at));
      } finally {
        closeSync(file);
      }
    } catch {
      // There is no more room.
    }
  }

  /** The same, if some was released. */
  refill(): void {
    if (this.#isSpent) this.fill();
  }

  /** The same, if there is plenty of free space. */
  fillFromPlenty(): void {
    if (this.#free() >= plenty) this.fill();
  }

  /** Returns whether there was something to release. */
  #shrink(): boolean {
    const size = this.#size();
    if (size === 0) return false;
    truncateSync(this.#file, Math.max(0, size - step));
    this.#isSpent = true;
    return true;
  }

  #size(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  #free(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }
}
