import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { resultCode } from "../../engine/rows/storage-error.ts";

const busy = 5;

/** Locks the directory for this process while it is open: two processes would not see each other's commits. */
export function lockDirectory(directory: string): DatabaseSync {
  const lock = new DatabaseSync(join(directory, "arrwdb.lock"));
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    return lock;
  } catch (cause) {
    lock.close();
    if (resultCode(cause) !== busy) throw cause;
    throw new ArrwError("storage_failed", `The data directory ${directory} is in use by another arrwDB process`, {
      cause,
    });
  }
}
