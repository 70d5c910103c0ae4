import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { listenerMemory } from "../support/listener-memory.ts";

/** Some build their index again from a log. */
const startTimeout = 600_000;
const stopTimeout = 15_000;
/** One that hangs takes connections and does not answer. */
const probeTimeout = 5_000;

/** A peer that is a server: one that runs somewhere, or one that is started by a command and stopped again. */
export class PeerServer {
  readonly url: string;
  readonly #host: string;
  readonly #port: number;
  readonly #command: string | undefined;
  #process: ChildProcess | undefined;

  /** @param defaultPort where the address names none. */
  constructor(url: string, defaultPort: number, command: string | undefined) {
    const { hostname, port } = new URL(url);
    this.url = url;
    this.#host = hostname;
    this.#port = port === "" ? defaultPort : Number(port);
    this.#command = command;
  }

  /**
   * Starts it where there is a command.
   *
   * @param probe asks it something that it answers when it is ready.
   * @returns milliseconds until it was ready.
   * @throws Error where it does not become ready.
   */
  async start(probe: () => Promise<unknown>): Promise<number> {
    const begin = performance.now();
    const child = this.#spawn();
    for (;;) {
      try {
        await within(probe(), probeTimeout);
        return performance.now() - begin;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (child === undefined) throw new Error(`nothing answers at ${this.url}: ${message}`, { cause: error });
        if (child.exitCode !== null || child.signalCode !== null || performance.now() - begin > startTimeout)
          throw new Error(`its command did not start it at ${this.url}: ${message}`, { cause: error });
        await sleep(10);
      }
    }
  }

  /** @returns milliseconds from the start until it was ready; undefined where it is not ours to stop. */
  async restart(probe: () => Promise<unknown>): Promise<number | undefined> {
    if (this.#command === undefined) return undefined;
    await this.stop();
    return this.start(probe);
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return;
    const begin = performance.now();
    // The shell may end before what it started, and some of that never ends by itself.
    for (let signal: GroupSignal = "SIGTERM"; signalGroup(child, signal); signal = 0) {
      await sleep(10);
      if (performance.now() - begin > stopTimeout) signalGroup(child, "SIGKILL");
    }
  }

  /** Bytes; undefined where it cannot be seen from here. */
  async memory(): Promise<number | undefined> {
    return ["localhost", "127.0.0.1", "[::1]"].includes(this.#host) ? listenerMemory(this.#port) : undefined;
  }

  #spawn(): ChildProcess | undefined {
    if (this.#command === undefined) return undefined;
    const child = spawn(this.#command, { shell: true, detached: true, stdio: "ignore" });
    process.once("exit", () => signalGroup(child, "SIGKILL"));
    this.#process = child;
    return child;
  }
}

type GroupSignal = "SIGTERM" | "SIGKILL" | 0;

/** To the shell and all that it started; 0 only asks. Tells whether any of it is there. */
function signalGroup(child: ChildProcess, signal: GroupSignal): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

async function within(answer: Promise<unknown>, milliseconds: number): Promise<void> {
  const ended = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds} ms`);
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    ended.abort();
  }
}
