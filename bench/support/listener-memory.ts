import { readdir, readFile, readlink } from "node:fs/promises";

const listening = "0A";

/** What cannot be read is of a process that has ended, or of somebody else. */
const read = (path: string) => readFile(path, "utf8").catch(() => "");
const link = (path: string) => readlink(path).catch(() => "");
const entries = (path: string) => readdir(path).catch(() => []);

/** The sockets that listen on a port of this machine, as they are named in `/proc`. */
async function listeningSockets(port: number): Promise<ReadonlySet<string>> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(read));
  const rows = tables.flatMap((table) => table.split("\n").map((row) => row.trim().split(/\s+/)));
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const found = rows.filter(([, local, , state]) => state === listening && local?.endsWith(suffix) === true);
  return new Set(found.map((row) => `socket:[${row[9]}]`));
}

async function holdsOneOf(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await entries(`/proc/${pid}/fd`);
  const links = await Promise.all(descriptors.map((descriptor) => link(`/proc/${pid}/fd/${descriptor}`)));
  return links.some((name) => sockets.has(name));
}

/**
 * Bytes of memory of the local server that listens on a port, with all processes that it started; what these share is
 * counted once, and the system's cache of files is not. Undefined on other systems than Linux, for servers elsewhere, and for the proxies of containers.
 */
export async function listenerMemory(port: number): Promise<number | undefined> {
  const sockets = await listeningSockets(port);
  const pids = (await entries("/proc")).filter((name) => /^\d+$/.test(name));
  const holders = await Promise.all(pids.map(async (pid) => ((await holdsOneOf(pid, sockets)) ? [pid] : [])));
  const server = holders.flat().toSorted((a, b) => Number(a) - Number(b))[0];
  if (server === undefined || /proxy|rootlessport/.test(await read(`/proc/${server}/comm`))) return undefined;

  const parents = await Promise.all(
    pids.map(async (pid) => ({ pid, parent: /^PPid:\s+(\d+)/m.exec(await read(`/proc/${pid}/status`))?.[1] })),
  );
  const family = new Set([server]);
  // A child has a greater number than its parent, unless the numbers began again.
  for (const { pid, parent } of parents.toSorted((a, b) => Number(a.pid) - Number(b.pid)))
    if (parent !== undefined && family.has(parent)) family.add(pid);
  const shares = await Promise.all(
    [...family].map(async (pid) => [
      ...(await read(`/proc/${pid}/smaps_rollup`)).matchAll(/^Pss_(?:Anon|Shmem):\s+(\d+)/gm),
    ]),
  );
  return shares.flat().reduce((total, [, kilobytes]) => total + Number(kilobytes) * 1024, 0);
}
