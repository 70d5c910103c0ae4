import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { DiskState } from "../../telemetry/data-state.ts";
import { databaseFile } from "../engine/rows/database-reader.ts";

/** Size of the data, and free space on the disk. */
export async function diskUsage(directory: string): Promise<DiskState> {
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
