import { readFile } from "node:fs/promises";

/**
 * Bytes of memory that a process has of its own at the moment, shared memory with it. Pages of files that it maps are the
 * system's cache of these files: they are there as well where a file is read otherwise, and go when room is needed.
 */
export async function privateMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name: string) => Number(new RegExp(String.raw`^${name}:\s+(\d+) kB`, "m").exec(status)?.[1]);
  return (kilobytes("RssAnon") + kilobytes("RssShmem")) * 1024;
}
