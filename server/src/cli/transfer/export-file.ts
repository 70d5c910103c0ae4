import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file atomically: under a temporary name until it is complete and on disk, and then replaces an existing
 * one.
 */
export async function writeWhole(
  path: string,
  write: (line: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`;
  const handle = await open(partial, "wx");
  try {
    const lines = new Lines(handle);
    await write((text) => lines.add(text));
    await lines.flush();
    await handle.sync();
    await handle.close();
    await rename(partial, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
}

/** A new name is on disk when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Bytes that are written at a time. */
const bufferedBytes = 1024 * 1024;

class Lines {
  readonly #handle: FileHandle;
  #waiting: string[] = [];
  #size = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async add(text: string): Promise<void> {
    this.#waiting.push(`${text}\n`);
    this.#size += text.length;
    if (this.#size >= bufferedBytes) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#size = 0;
    await this.#handle.writeFile(text);
  }
}
