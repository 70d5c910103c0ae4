import { closeSync, fstatSync, fsyncSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { RowChecksums } from "./row-checksums.ts";

/**
 * Rows of bytes, all of one length, in a file that is opened with its first use. Each row that is read is compared with
 * its checksum, which is in memory: what was damaged on the disk is never taken for what was written.
 */
export class RowFile {
  readonly path: string;
  readonly #rowBytes: number;
  readonly #flags: "r+" | "wx+";
  readonly #checksums: RowChecksums;
  #descriptor: number | undefined;

  /** @param exists whether it was there before, and then has to be told its checksums; otherwise it is made */
  constructor(path: string, rowBytes: number, exists = false) {
    this.path = path;
    this.#rowBytes = rowBytes;
    this.#flags = exists ? "r+" : "wx+";
    this.#checksums = new RowChecksums(rowBytes);
  }

  /** Bytes of memory. */
  get memory(): number {
    return this.#checksums.bytes;
  }

  get bytes(): number {
    return fstatSync(this.#open()).size;
  }

  /** The checksums of all rows, in their order. */
  checksums(): Uint32Array<ArrayBuffer> {
    return this.#checksums.first(this.bytes / this.#rowBytes);
  }

  restore(checksums: Uint32Array): void {
    this.#checksums.restore(checksums);
  }

  /** Reads rows that were written, to a place in `into`. @throws if they cannot be read, or are not what was written */
  read(row: number, count: number, into: Int8Array, at: number): void {
    const length = count * this.#rowBytes;
    for (let done = 0; done < length;) {
      const read = readSync(this.#open(), into, at + done, length - done, row * this.#rowBytes + done);
      if (read === 0) throw new Error(`${this.path} ends too early`);
      done += read;
    }
    if (!this.#checksums.isRight(row, count, into.subarray(at, at + length))) {
      throw new Error(`${this.path} is damaged between rows ${row} and ${row + count - 1}`);
    }
  }

  write(row: number, bytes: Int8Array): void {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.#open(), bytes, done, bytes.length - done, row * this.#rowBytes + done);
    }
    this.#checksums.set(row, bytes);
  }

  /** What was written is durable. */
  sync(): void {
    fsyncSync(this.#open());
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  remove(): void {
    const isOpen = this.#descriptor !== undefined;
    this.close();
    if (isOpen || this.#flags === "r+") rmSync(this.path, { force: true });
  }

  #open(): number {
    this.#descriptor ??= openSync(this.path, this.#flags);
    return this.#descriptor;
  }
}
