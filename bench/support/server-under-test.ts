import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { privateMemory } from "../../test/support/server/private-memory.ts";
import { spawnServer } from "../../test/support/server/server-process.ts";

/** The server in a process of its own, as people run it, so that its memory and its share of the cores are its own. */
export interface ServerUnderTest {
  readonly url: string;
  readonly socketUrl: string;
  /** Its own memory in bytes, without the cache of its files. */
  readonly memory: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export async function startServerUnderTest(
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerUnderTest> {
  const server = await RestartableServer.start(environment);
  return {
    url: server.url,
    socketUrl: server.url.replace("http", "ws"),
    memory: () => server.memory(),
    stop: () => server.remove(),
  };
}

/** A server under test that keeps its data while it is stopped. */
export class RestartableServer {
  readonly directory: string;
  readonly #environment: Readonly<Record<string, string>>;
  #running: Awaited<ReturnType<typeof spawnServer>> | undefined;

  private constructor(directory: string, environment: Readonly<Record<string, string>>) {
    this.directory = directory;
    this.#environment = environment;
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<RestartableServer> {
    const server = new RestartableServer(await mkdtemp(join(tmpdir(), "arrwdb-bench-")), environment);
    await server.startAgain();
    return server;
  }

  get url(): string {
    return this.#process.url;
  }

  /** Its own memory in bytes, without the cache of its files. */
  memory(): Promise<number> {
    return privateMemory(this.#process.process.pid);
  }

  /** Stops it cleanly. */
  async stop(): Promise<void> {
    await this.#process.stop();
    this.#running = undefined;
  }

  /** Ends it as a power cut would. */
  async crash(): Promise<void> {
    await this.#process.kill();
    this.#running = undefined;
  }

  /** @returns milliseconds from the start of the process until it says that it is ready. */
  async startAgain(): Promise<number> {
    const begin = performance.now();
    this.#running = await spawnServer(this.directory, this.#environment);
    return performance.now() - begin;
  }

  /** Ends it, and removes its data. */
  async remove(): Promise<void> {
    await this.#running?.kill();
    this.#running = undefined;
    await rm(this.directory, { recursive: true, force: true });
  }

  get #process(): Awaited<ReturnType<typeof spawnServer>> {
    if (this.#running === undefined) throw new Error("The server under test is stopped");
    return this.#running;
  }
}
