import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { residentMemory } from "../../test/support/resident-memory.ts";
import { spawnServer } from "../../test/support/server-process.ts";

/** The server in a process of its own, as people run it, so that its memory and its share of the cores are its own. */
export interface ServerUnderTest {
  readonly url: string;
  readonly socketUrl: string;
  /** Resident memory in bytes. */
  readonly memory: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export async function startServerUnderTest(): Promise<ServerUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), "arrwdb-bench-"));
  const server = await spawnServer(directory);
  return {
    url: server.url,
    socketUrl: server.url.replace("http", "ws"),
    memory: () => residentMemory(server.process.pid),
    stop: async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
