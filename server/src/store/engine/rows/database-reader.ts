import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export const databaseFile = "arrwdb.sqlite";

export interface ReaderOptions {
  /**
   * Whether pages are memory-mapped, up to SQLite's limit of 2 GB, instead of being copied: it halves the cost of reading
   * single vectors. They count towards the process's memory while mapped, but belong to the file cache, which the operating
   * system reclaims when it needs room.
   */
  readonly mapped?: boolean;
}

/** Opens a connection for reading, beside the one that writes. */
export function openReader(directory: string, { mapped = false }: ReaderOptions = {}): DatabaseSync {
  const database = new DatabaseSync(join(directory, databaseFile), { readOnly: true });
  database.exec("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA busy_timeout = 5000;");
  if (mapped) database.exec("PRAGMA mmap_size = 0x7fffffff;");
  return database;
}
