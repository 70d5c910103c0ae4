import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { finish, type Steps } from "../../../scheduling/steps.ts";

/** Bytes read and hashed per step: about a millisecond. */
const blockSize = 1024 * 1024;

export interface SavedFile {
  readonly file: string;
  readonly size: number;
  /** Null for a file that is too large to be read as a whole: checksums of its rows are in another file. */
  readonly checksum: number | null;
}

interface Measure {
  readonly size: number;
  readonly checksum: number;
}

const isSame = (a: Measure, b: Measure) => a.size === b.size && a.checksum === b.checksum;

/** Files of the catalog database, which are in the same directory. */
const catalogue = /^catalog\.sqlite/;

/** The files in which indexes are saved. A file gets its name only when it is complete and durable. */
export class SnapshotFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = join(directory, "indexes");
    mkdirSync(this.#directory, { recursive: true });
  }

  get directory(): string {
    return this.#directory;
  }

  path(file: string): string {
    return join(this.#directory, file);
  }

  /** A name that was never used before. */
  newName(libraryId: string): string {
    return `${libraryId}-${randomBytes(9).toString("base64url")}`;
  }

  /** Reads a saved file. @throws if it does not match its size and checksum */
  *check({ file, size, checksum }: SavedFile): Steps<void> {
    const isRight =
      checksum === null
        ? statSync(this.path(file)).size === size
        : isSame(yield* this.#measure(file), { size, checksum });
    if (!isRight) throw new Error(`${file} differs from what was saved`);
  }

  remove(files: readonly SavedFile[]): void {
    for (const { file } of files) rmSync(this.path(file), { force: true });
  }

  /** Removes files with this prefix. */
  removeNamed(name: string): void {
    for (const file of readdirSync(this.#directory)) {
      if (file.startsWith(name)) rmSync(this.path(file), { force: true });
    }
  }

  /** Lets `write` fill a file, and makes it durable under this name. */
  *save(file: string, write: (path: string) => Steps<void>): Steps<SavedFile> {
    const temporary = this.path(`${file}.tmp`);
    try {
      yield* write(temporary);
      syncPath(temporary);
      yield;
      const saved = { file, ...(yield* this.#measure(`${file}.tmp`)) };
      renameSync(temporary, this.path(file));
      syncPath(this.#directory);
      return saved;
    } finally {
      // A file that was not renamed: saving failed or was cancelled.
      rmSync(temporary, { force: true });
    }
  }

  /** Current size and checksum of a file. @throws if it cannot be read */
  measure(file: string): Measure {
    return finish(this.#measure(file));
  }

  *#measure(file: string): Steps<Measure> {
    const path = this.path(file);
    const descriptor = openSync(path, "r");
    try {
      const block = Buffer.allocUnsafe(blockSize);
      let checksum = 0;
      for (let length = readSync(descriptor, block); length > 0; length = readSync(descriptor, block)) {
        checksum = crc32(block.subarray(0, length), checksum);
        yield;
      }
      return { size: statSync(path).size, checksum };
    } finally {
      closeSync(descriptor);
    }
  }

  /** Removes every file except these. */
  keepOnly(files: ReadonlySet<string>): void {
    for (const file of readdirSync(this.#directory)) {
      if (!files.has(file) && !catalogue.test(file)) rmSync(this.path(file), { force: true });
    }
  }
}

function syncPath(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
