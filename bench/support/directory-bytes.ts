import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes that the files in a directory take on the disk, which is less than their length where they have holes. */
export async function directoryBytes(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async ({ parentPath, name }) => stat(join(parentPath, name))),
  );
  return sizes.reduce((total, { blocks }) => total + blocks * 512, 0);
}
