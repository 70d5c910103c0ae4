import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { lockDirectory } from "../tables/directory-lock.ts";
import { openDatabase } from "../tables/database.ts";

/**
 * Deletes all derived data: saved indexes, and the terms of texts. The next start rebuilds them; nothing is lost, as the
 * rows are untouched.
 *
 * @throws ArrwError `storage_failed` if a server has the directory open
 */
export async function forgetDerived(directory: string): Promise<void> {
  const lock = lockDirectory(directory);
  try {
    const database = openDatabase(directory);
    try {
      database.exec(`
        BEGIN IMMEDIATE;
        INSERT INTO postings (postings) VALUES ('delete-all');
        DELETE FROM text_lengths;
        DELETE FROM text_totals;
        DELETE FROM text_backfill;
        INSERT INTO text_backfill SELECT 0, max(key) FROM chunks HAVING max(key) IS NOT NULL;
        COMMIT;
      `);
    } finally {
      database.close();
    }
    await rm(join(directory, "indexes"), { recursive: true, force: true });
  } finally {
    lock.close();
  }
}

/** Whether a server, or another command, has the directory open. */
export function isInUse(directory: string): boolean {
  try {
    lockDirectory(directory).close();
    return false;
  } catch (error) {
    if (error instanceof ArrwError) return true;
    throw error;
  }
}
