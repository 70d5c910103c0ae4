import { mkdir, open, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { databaseFile } from "./backup-manifest.ts";

/** Whether a file or directory with this name exists. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Size of a data directory's database and its log, in bytes. @throws ArrwError if there is none */
export async function databaseBytes(directory: string): Promise<number> {
  const file = join(directory, databaseFile);
  if (!(await exists(file))) {
    throw new ArrwError(
      "storage_failed",
      `${directory} contains no arrwDB data; set the data directory with --data-dir`,
    );
  }
  const log = `${file}-wal`;
  return (await stat(file)).size + ((await exists(log)) ? (await stat(log)).size : 0);
}

/** Bytes that this user can still write there. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** @throws ArrwError `storage_full` if it would not fit, before anything is written */
export async function requireSpace(directory: string, bytes: number): Promise<void> {
  const free = await freeBytes(directory);
  if (free >= bytes) return;
  throw new ArrwError(
    "storage_full",
    `${directory} has ${free} bytes free, but ${bytes} are needed; free some space first`,
  );
}

/** Creates the parent directories of a path. */
export async function makeParent(path: string): Promise<string> {
  const parent = dirname(path);
  await mkdir(parent, { recursive: true });
  return parent;
}

/** When it resolves, entries created or renamed in the directory are durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
