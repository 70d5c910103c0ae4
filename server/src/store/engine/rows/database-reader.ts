import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export const databaseFile = "arrwdb.sqlite";

export interface ReaderOptions {
  /**
   * Whether pages are read where the operating system has them, up to SQLite's bound of 2 GB, instead of being copied: it
   * halves the cost of reading single vectors. They count as the process's memory while they are there, but are the cache
   * of the file, which the system takes back when it needs room.
   */
  readonly mapped?: boolean;
}

/** Opens the database to be read, beside the one connection that writes. */
export function openReader(directory: string, { mapped = false }: ReaderOptions = {}): DatabaseSync {
  const database = new DatabaseSync(join(directory, databaseFile), { readOnly: true });
  database.exec("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA busy_timeout = 5000;");
  if (mapped) database.exec("PRAGMA mmap_size = 0x7fffffff;");
  return database;
}
