import type { RestoreOptions } from "../../data-maintenance.ts";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { lockDirectory } from "../tables/directory-lock.ts";
import { verifyBackup } from "./make-backup.ts";
import { exists, requireSpace, syncDirectory } from "./backup-directories.ts";
import { databaseFile, type Manifest } from "./backup-manifest.ts";

export interface Restored {
  readonly manifest: Manifest;
  /** Where the previous data were moved to. */
  readonly replaced: string | undefined;
}

/**
 * Restores a backup into a data directory. Everything is checked before anything is changed: the backup, that no server has
 * the directory open, and that there is room. An existing database is moved aside, and replaced in one step by a copy that
 * is complete and durable.
 *
 * @throws ArrwError `storage_failed` if the backup is incomplete or the directory is in use, `validation_failed` if
 *   data exist and `replace` is not set, `storage_full`
 */
export async function restoreBackup(backup: string, directory: string, options: RestoreOptions): Promise<Restored> {
  const made = await mkdir(directory, { recursive: true });
  try {
    return await restoreInto(backup, directory, options);
  } catch (error) {
    // A refused restore leaves nothing behind, not even the directory.
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw error;
  }
}

async function restoreInto(backup: string, directory: string, options: RestoreOptions): Promise<Restored> {
  const lock = lockDirectory(directory);
  try {
    const database = join(directory, databaseFile);
    const isThere = await exists(database);
    if (isThere && !options.replace) {
      const message = `${directory} already contains data; use --replace to move it aside, or choose another directory`;
      throw new ArrwError("validation_failed", message);
    }
    const manifest = await verifyBackup(backup, options);
    await requireSpace(directory, manifest.bytes);
    const incoming = join(directory, "restoring.sqlite");
    try {
      await copyDurably(join(backup, databaseFile), incoming, manifest, options.signal);
      options.signal?.throwIfAborted();
      const replaced = isThere ? await putAside(directory) : undefined;
      // Indexes are derived from the rows; the saved ones belong to other rows.
      await rm(join(directory, "indexes"), { recursive: true, force: true });
      await rename(incoming, database);
      await syncDirectory(directory);
      return { manifest, replaced };
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
  } finally {
    lock.close();
  }
}

/** Copies a file, and compares the copy with the manifest. */
async function copyDurably(
  from: string,
  to: string,
  { sha256 }: Manifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const hash = createHash("sha256");
  const handle = await open(to, "w");
  try {
    for await (const part of createReadStream(from, { highWaterMark: 1024 * 1024, signal })) {
      hash.update(part);
      await handle.write(part);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (hash.digest("hex") === sha256) return;
  throw new ArrwError("storage_failed", `${from} changed while it was read; nothing was replaced`);
}

/** Keeps the old database under another name. The new one replaces it in the next step. */
async function putAside(directory: string): Promise<string> {
  const replaced = join(directory, `replaced-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`);
  const database = join(directory, databaseFile);
  await mkdir(replaced);
  foldLog(database);
  await link(database, join(replaced, databaseFile));
  // A leftover log would be applied to the new database.
  for (const ending of ["-wal", "-shm"]) {
    if (await exists(database + ending)) await rename(database + ending, join(replaced, databaseFile + ending));
  }
  await syncDirectory(replaced);
  return replaced;
}

/** Checkpoints the log, so that the database is a single file. A damaged one keeps its log. */
function foldLog(file: string): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;");
  } catch {
    // The damaged database is kept unchanged.
  } finally {
    database?.close();
  }
}
