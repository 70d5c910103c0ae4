import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { integer, number, type Row, text } from "../rows.ts";
import type { SavedFile } from "./snapshot-files.ts";

/** Where a library's graph was saved, and how to tell that it is whole and still fits. */
export interface Snapshot {
  readonly graph: SavedFile;
  /** The keys of the chunks in the graph, then their codes. */
  readonly codes: SavedFile;
  /** What the graph was made with; one of another format is rebuilt. */
  readonly format: string;
  /** The greatest angle between a vector and its code, in radians. */
  readonly widest: number;
  readonly size: number;
}

const schema = `
  PRAGMA journal_mode = DELETE;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS snapshots (
    library INTEGER PRIMARY KEY,
    format TEXT NOT NULL,
    size INTEGER NOT NULL,
    widest REAL NOT NULL,
    graph TEXT NOT NULL,
    graph_size INTEGER NOT NULL,
    graph_checksum INTEGER NOT NULL,
    codes TEXT NOT NULL,
    codes_size INTEGER NOT NULL,
    codes_checksum INTEGER NOT NULL
  ) STRICT;
`;

/** What is known of the saved graphs, in a database of its own: like the graphs it is derived, and may be deleted. */
export class SnapshotsTable {
  readonly #database: DatabaseSync;
  readonly #find;
  readonly #put;
  readonly #remove;
  readonly #all;

  constructor(directory: string) {
    this.#database = open(join(directory, "catalog.sqlite"));
    this.#find = this.#database.prepare("SELECT * FROM snapshots WHERE library = ?");
    this.#put = this.#database.prepare(
      `INSERT OR REPLACE INTO snapshots (library, format, size, widest, graph, graph_size, graph_checksum, codes, codes_size, codes_checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#remove = this.#database.prepare("DELETE FROM snapshots WHERE library = ?");
    this.#all = this.#database.prepare("SELECT * FROM snapshots");
  }

  find(library: number): Snapshot | undefined {
    const row = this.#find.get(library);
    return row === undefined ? undefined : toSnapshot(row);
  }

  put(library: number, { graph, codes, format, widest, size }: Snapshot): void {
    const files = [graph.file, graph.size, graph.checksum, codes.file, codes.size, codes.checksum] as const;
    this.#put.run(library, format, size, widest, ...files);
  }

  remove(library: number): void {
    this.#remove.run(library);
  }

  /** The names of the files that are needed. */
  files(): ReadonlySet<string> {
    return new Set(this.#all.all().flatMap((row) => [text(row, "graph"), text(row, "codes")]));
  }

  close(): void {
    this.#database.close();
  }
}

/** One that cannot be read is made again. */
function open(path: string): DatabaseSync {
  try {
    return prepared(path);
  } catch {
    for (const suffix of ["", "-journal"]) rmSync(`${path}${suffix}`, { force: true });
    return prepared(path);
  }
}

function prepared(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function toSnapshot(row: Row): Snapshot {
  return {
    format: text(row, "format"),
    size: integer(row, "size"),
    widest: number(row, "widest"),
    graph: { file: text(row, "graph"), size: integer(row, "graph_size"), checksum: integer(row, "graph_checksum") },
    codes: { file: text(row, "codes"), size: integer(row, "codes_size"), checksum: integer(row, "codes_checksum") },
  };
}
