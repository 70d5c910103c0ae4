import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A real filesystem of a few megabytes, which can be filled up and emptied again. */
export class SmallDisk {
  readonly directory: string;
  readonly #ballast: string;

  /** Why there cannot be one here, or undefined where there can. */
  static async unavailable(): Promise<string | undefined> {
    try {
      await (await SmallDisk.mount(1)).unmount();
      return undefined;
    } catch (error) {
      return `no filesystem can be mounted here: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
    }
  }

  static async mount(megabytes: number): Promise<SmallDisk> {
    const directory = await mkdtemp(join(tmpdir(), "arrwdb-disk-"));
    try {
      await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", directory]);
    } catch (error) {
      await rm(directory, { recursive: true });
      throw error;
    }
    return new SmallDisk(directory);
  }

  private constructor(directory: string) {
    this.directory = directory;
    this.#ballast = join(directory, "ballast");
  }

  /** Takes all the space that is left. */
  async fill(): Promise<void> {
    const file = await open(this.#ballast, "a");
    try {
      for (let bytes = 1 << 20; bytes >= 1;) {
        try {
          // The end of a block that is begun still has room, which nobody else can have.
          const { bytesWritten } = await file.write(Buffer.alloc(bytes, 1));
          if (bytesWritten === 0) bytes >>= 1;
        } catch {
          bytes >>= 1;
        }
      }
    } finally {
      await file.close();
    }
  }

  /** Gives it back. */
  async free(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  async unmount(): Promise<void> {
    await run("umount", [this.directory]);
    await rm(this.directory, { recursive: true });
  }
}
