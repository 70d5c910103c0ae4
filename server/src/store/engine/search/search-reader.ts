import type { DatabaseSync } from "node:sqlite";
import { LogFolding } from "../rows/write-ahead-log.ts";
import { ChunksTable } from "../rows/chunks-table.ts";
import { openReader } from "../rows/database-reader.ts";
import { DocumentsTable } from "../rows/documents-table.ts";
import { LibrariesTable } from "../rows/libraries-table.ts";
import { TextIndex } from "../text/text-index.ts";
import { HitSerializer } from "./answers/hit-serializer.ts";
import type { KnownHits } from "./answers/known-hits.ts";

/** A read-only connection and its tables. From `begin` to `end` it sees one snapshot of the database. */
export class SearchReader {
  readonly libraries: LibrariesTable;
  readonly documents: DocumentsTable;
  readonly chunks: ChunksTable;
  readonly texts: TextIndex;
  readonly hits: HitSerializer;
  readonly #database: DatabaseSync;
  readonly #commits;
  readonly #log: LogFolding;

  /** @param known cache of hit contents, shared by all readers */
  constructor(directory: string, known: KnownHits) {
    this.#database = openReader(directory, { mapped: true });
    this.libraries = new LibrariesTable(this.#database);
    this.documents = new DocumentsTable(this.#database);
    this.chunks = new ChunksTable(this.#database);
    this.texts = new TextIndex(this.#database);
    this.hits = new HitSerializer(this.#database, known);
    this.#commits = this.#database.prepare("SELECT commits FROM clock");
    this.#log = new LogFolding(this.#database);
  }

  /** Returns the number of the last commit visible to it. */
  begin(): number {
    this.#database.exec("BEGIN");
    this.hits.snapshot = this.number();
    return this.hits.snapshot;
  }

  end(): void {
    if (this.#database.isTransaction) this.#database.exec("COMMIT");
  }

  /** Number of the last commit. */
  number(): number {
    return Number(this.#commits.get()?.["commits"] ?? 0);
  }

  /** Size of the write-ahead log in pages; must not be called between `begin` and `end`. */
  logPages(): number {
    return this.#log.look().pages;
  }

  /** Frees the memory of what it has read. */
  shrink(): void {
    this.#database.exec("PRAGMA shrink_memory");
  }

  close(): void {
    this.#database.close();
  }
}
