import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseFile } from "../../engine/rows/database-reader.ts";
import { migrate } from "./migrations.ts";

/** Opens the database for writing. Every commit is one fsync of the write-ahead log. */
export function openDatabase(directory: string): DatabaseSync {
  const database = new DatabaseSync(join(directory, databaseFile));
  try {
    // Pages hold several vectors each, which halves the time of a write. Page size, and whether free pages can be released,
    // are fixed when a database is created.
    database.exec(`
      PRAGMA page_size = 16384;
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -32768;
      PRAGMA wal_autocheckpoint = 1000;
      PRAGMA journal_size_limit = 67108864;
    `);
    migrate(database);
  } catch (cause) {
    database.close();
    throw cause;
  }
  return database;
}
