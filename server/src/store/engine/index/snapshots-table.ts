import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { integer, nullableInteger, type Row, text } from "../rows/row-values.ts";
import type { SavedFile } from "./snapshot-files.ts";

/** How a library's index was saved, and how to check that its files are complete and still match. */
export interface Snapshot {
  /** Format of the index; another format is rebuilt. */
  readonly format: string;
  /** Number of vectors in it. */
  readonly size: number;
  /** State specific to its kind, as JSON. */
  readonly details: string;
  readonly files: readonly SavedFile[];
}

const version = 3;
const schema = `
  CREATE TABLE IF NOT EXISTS snapshots (
    library INTEGER PRIMARY KEY,
    format TEXT NOT NULL,
    size INTEGER NOT NULL,
    details TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS files (
    library INTEGER NOT NULL REFERENCES snapshots ON DELETE CASCADE,
    place INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    checksum INTEGER,
    PRIMARY KEY (library, place)
  ) STRICT;
  PRAGMA user_version = ${version};
`;

/** Per connection, not stored in the file. */
const settings = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

/** Catalog of the saved indexes, in a separate database: like the indexes it is derived, and may be deleted. */
export class SnapshotsTable {
  readonly #database: DatabaseSync;
  readonly #find;
  readonly #put;
  readonly #putFile;
  readonly #remove;
  readonly #ofLibrary;
  readonly #allFiles;

  constructor(directory: string) {
    this.#database = open(join(directory, "catalog.sqlite"));
    this.#find = this.#database.prepare("SELECT * FROM snapshots WHERE library = ?");
    this.#put = this.#database.prepare(
      "INSERT INTO snapshots (library, format, size, details, checksum) VALUES (?, ?, ?, ?, ?)",
    );
    this.#putFile = this.#database.prepare(
      "INSERT INTO files (library, place, file, size, checksum) VALUES (?, ?, ?, ?, ?)",
    );
    this.#remove = this.#database.prepare("DELETE FROM snapshots WHERE library = ?");
    this.#ofLibrary = this.#database.prepare("SELECT * FROM files WHERE library = ? ORDER BY place");
    this.#allFiles = this.#database.prepare("SELECT file FROM files");
  }

  /** @throws if the entry is damaged: exactness depends on it, and SQLite does not verify its pages */
  find(library: number): Snapshot | undefined {
    const row = this.#find.get(library);
    if (row === undefined) return undefined;
    const files = this.#ofLibrary.all(library).map(toFile);
    const snapshot = { format: text(row, "format"), size: integer(row, "size"), details: text(row, "details"), files };
    if (integer(row, "checksum") !== checksumOf(library, snapshot)) throw new Error("its catalogue entry is damaged");
    return snapshot;
  }

  /** File names of a library, even if its entry is damaged. */
  filesOf(library: number): readonly SavedFile[] {
    return this.#ofLibrary.all(library).map(toFile);
  }

  /** Replaces the library's entry. */
  put(library: number, snapshot: Snapshot): void {
    const { format, size, details, files } = snapshot;
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#remove.run(library);
      this.#put.run(library, format, size, details, checksumOf(library, snapshot));
      for (const [place, { file, size: bytes, checksum }] of files.entries()) {
        this.#putFile.run(library, place, file, bytes, checksum);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  remove(library: number): void {
    this.#remove.run(library);
  }

  /** Names of all files in use. */
  files(): ReadonlySet<string> {
    return new Set(this.#allFiles.all().map((row) => text(row, "file")));
  }

  close(): void {
    this.#database.close();
  }
}

/**
 * A database that cannot be read, or has another version, is recreated. If the disk is too full even for that, it is kept
 * in memory, and entries are lost at shutdown.
 */
function open(path: string): DatabaseSync {
  try {
    return prepared(path);
  } catch {
    for (const suffix of ["", "-journal"]) rmSync(`${path}${suffix}`, { force: true });
  }
  try {
    return prepared(path);
  } catch {
    return prepared(":memory:");
  }
}

function prepared(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    const found = database.prepare("PRAGMA user_version").get()?.["user_version"];
    const isNew = database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
    if (!isNew && found !== version) throw new Error(`The catalogue has version ${String(found)}`);
    database.exec(settings);
    // A database on a full disk can still be read.
    if (isNew) database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const toFile = (row: Row): SavedFile => ({
  file: text(row, "file"),
  size: integer(row, "size"),
  checksum: nullableInteger(row, "checksum"),
});

const checksumOf = (library: number, { format, size, details, files }: Snapshot): number =>
  crc32(
    JSON.stringify([
      library,
      format,
      size,
      details,
      files.map(({ file, size: bytes, checksum }) => [file, bytes, checksum]),
    ]),
  );
