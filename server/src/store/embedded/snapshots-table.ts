import type { DatabaseSync } from "node:sqlite";
import { bytes, integer, type Row, text, toBlob } from "./rows.ts";

/** Where a library's graph was saved, and how to tell that it is whole and still fits. */
export interface Snapshot {
  /** The library's position that the graph was saved at. */
  readonly seq: number;
  readonly file: string;
  readonly size: number;
  /** CRC-32 of the file. */
  readonly checksum: number;
  /** What the graph was made with; one of another format is rebuilt. */
  readonly format: string;
  /** The chunks in the graph, ascending. */
  readonly keys: BigUint64Array;
}

function toSnapshot(row: Row): Snapshot {
  return {
    seq: integer(row, "seq"),
    file: text(row, "file"),
    size: integer(row, "size"),
    checksum: integer(row, "checksum"),
    format: text(row, "format"),
    keys: new BigUint64Array(Uint8Array.from(bytes(row, "keys")).buffer),
  };
}

export class SnapshotsTable {
  readonly #find;
  readonly #put;
  readonly #remove;
  readonly #files;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare("SELECT * FROM snapshots WHERE library = ?");
    this.#put = database.prepare(
      "INSERT OR REPLACE INTO snapshots (library, seq, file, size, checksum, format, keys) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#remove = database.prepare("DELETE FROM snapshots WHERE library = ?");
    this.#files = database.prepare("SELECT file FROM snapshots");
  }

  find(library: number): Snapshot | undefined {
    const row = this.#find.get(library);
    return row === undefined ? undefined : toSnapshot(row);
  }

  put(library: number, { seq, file, size, checksum, format, keys }: Snapshot): void {
    this.#put.run(library, seq, file, size, checksum, format, toBlob(keys));
  }

  remove(library: number): void {
    this.#remove.run(library);
  }

  files(): ReadonlySet<string> {
    return new Set(this.#files.all().map((row) => text(row, "file")));
  }
}
