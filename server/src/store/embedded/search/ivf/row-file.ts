import { closeSync, fstatSync, fsyncSync, openSync, readSync, rmSync, writeSync } from "node:fs";

/** Rows of bytes, all of one length, in a file that is opened with its first use. */
export class RowFile {
  readonly path: string;
  readonly #rowBytes: number;
  readonly #flags: "r+" | "wx+";
  #descriptor: number | undefined;

  /** @param exists whether it was there before; otherwise it is made */
  constructor(path: string, rowBytes: number, exists = false) {
    this.path = path;
    this.#rowBytes = rowBytes;
    this.#flags = exists ? "r+" : "wx+";
  }

  get bytes(): number {
    return fstatSync(this.#open()).size;
  }

  /** Reads rows that were written, to a place in `into`. @throws where they cannot be read */
  read(row: number, count: number, into: Int8Array, at: number): void {
    const length = count * this.#rowBytes;
    for (let done = 0; done < length;) {
      const read = readSync(this.#open(), into, at + done, length - done, row * this.#rowBytes + done);
      if (read === 0) throw new Error(`${this.path} ends too early`);
      done += read;
    }
  }

  write(row: number, bytes: Int8Array): void {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.#open(), bytes, done, bytes.length - done, row * this.#rowBytes + done);
    }
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
