import { randomFillSync } from "node:crypto";
import { closeSync, openSync, statfsSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isDiskFull } from "../../engine/rows/storage-error.ts";

/** Bytes. A start needs 32 KiB for the index of SQLite's log; the rest is for what else may come to want a file. */
export const reserveBytes = 512 * 1024;
/** What is given back at a time. */
const step = 64 * 1024;
/** Free bytes from which on the reserve may be filled while others use the disk. */
const plenty = 16 * 1024 * 1024;

/**
 * A file that keeps some space, so that the data can be opened on a disk that has become full: an orderly stop removes the
 * index of SQLite's log, and a start has to make it again.
 */
export class DiskReserve {
  readonly #directory: string;
  readonly #file: string;
  #isSpent = false;

  constructor(directory: string) {
    this.#directory = directory;
    this.#file = join(directory, "arrwdb.reserve");
  }

  /** Runs it, again with some more space each time that it fails for want of it. @throws what it throws in the end */
  spend<Value>(run: () => Value): Value {
    for (;;) {
      try {
        return run();
      } catch (error) {
        // SQLite does not always say that it was for want of space.
        const isFull = isDiskFull(error) || this.#free() < step;
        if (!isFull || !this.#shrink()) throw error;
      }
    }
  }

  /** Keeps as much as there is room for. Without a reserve everything else works. */
  fill(): void {
    const missing = reserveBytes - this.#size();
    if (missing <= 0) return;
    try {
      const file = openSync(this.#file, "a", 0o600);
      try {
        // Some file systems keep zeros without taking space for them.
        const bytes = randomFillSync(Buffer.alloc(missing));
        for (let at = 0; at < missing;) at += writeSync(file, bytes, at, Math.min(step, missing - at));
      } finally {
        closeSync(file);
      }
    } catch {
      // There is no more room.
    }
  }

  /** The same, if something was given back. */
  refill(): void {
    if (this.#isSpent) this.fill();
  }

  /** The same where nobody would miss the space. */
  fillFromPlenty(): void {
    if (this.#free() >= plenty) this.fill();
  }

  /** Tells whether there was something to give back. */
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
