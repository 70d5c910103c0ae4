import { closeSync, fstatSync, fsyncSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { RowChecksums } from "./row-checksums.ts";

/**
 * Rows of equal length, in a file that is opened on first use. Each row that is read is checked against its checksum in
 * memory, so damage on disk is always detected.
 */
export class RowFile {
  readonly path: string;
  readonly #rowBytes: number;
  readonly #flags: "r+" | "wx+";
  readonly #checksums: RowChecksums;
  #descriptor: number | undefined;

  /** @param exists whether the file exists, so that checksums have to be set first; otherwise it is created */
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

  /** Reads rows to an offset in `into`. @throws if they cannot be read, or do not match their checksums */
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

  /** Makes everything written durable. */
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
