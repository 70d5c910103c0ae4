import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { databaseFile } from "../engine/rows/database-reader.ts";

/** Bytes. */
export interface DiskUsage {
  readonly free: number;
  readonly size: number;
  readonly database: number;
  /** The write-ahead log. */
  readonly log: number;
}

/** Size of the data, and free space on the disk. */
export async function diskUsage(directory: string): Promise<DiskUsage> {
  const [{ bavail, blocks, bsize }, database, log] = await Promise.all([
    statfs(directory),
    sizeOf(join(directory, databaseFile)),
    sizeOf(join(directory, `${databaseFile}-wal`)),
  ]);
  return { free: bavail * bsize, size: blocks * bsize, database, log };
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
