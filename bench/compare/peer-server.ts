import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { listenerMemory } from "../support/listener-memory.ts";

const startTimeout = 60_000;

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

  /** Starts it where there is a command. @returns milliseconds until it took a connection. */
  async start(): Promise<number> {
    const begin = performance.now();
    if (this.#command !== undefined) {
      const child = spawn(this.#command, { shell: true, detached: true, stdio: "ignore" });
      this.#process = child;
      process.once("exit", () => this.#signal(child, "SIGKILL"));
    }
    while (!(await this.#answers())) {
      if (this.#command === undefined || performance.now() - begin > startTimeout)
        throw new Error(`Nothing answers at ${this.url}`);
      await wait(5);
    }
    return performance.now() - begin;
  }

  /** @returns milliseconds from the start until it took a connection; undefined where it is not ours to stop. */
  async restart(): Promise<number | undefined> {
    if (this.#command === undefined) return undefined;
    await this.stop();
    return this.start();
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, "exit");
    this.#signal(child, "SIGTERM");
    await exited;
    while (await this.#answers()) await wait(20);
  }

  /** Bytes; undefined where it cannot be seen from here. */
  async memory(): Promise<number | undefined> {
    return ["localhost", "127.0.0.1", "[::1]"].includes(this.#host) ? listenerMemory(this.#port) : undefined;
  }

  /** To the shell and all that it started. */
  #signal(child: ChildProcess, signal: NodeJS.Signals): void {
    if (child.pid === undefined || child.exitCode !== null) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, this.#host);
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
  }
}
