import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { endingProcess } from "./endings.ts";
import { lazyModel } from "./test-server.ts";
import { within } from "../waiting.ts";

/** Milliseconds; less than a hook of a test may take. */
const startTimeout = 100_000;
const main = fileURLToPath(new URL("../../../server/src/main.ts", import.meta.url));

/** Is killed with its test file at the latest. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** All that it wrote so far, its log and its errors. */
  readonly output: () => string;
  /** Ends it as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Asks it to stop, and waits until it has ended. */
  readonly stop: () => Promise<void>;
}

/** The server as people start it: a process of its own. */
export async function spawnServer(
  directory: string,
  environment: Readonly<Record<string, string>> = {},
  command: readonly [string, ...(readonly string[])] = [process.execPath, main],
): Promise<ServerProcess> {
  const own = { ...lazyModel, PORT: "0", HOST: "127.0.0.1", ARRWDB_DATA_DIR: directory, LOG_LEVEL: "info" };
  const child = endingProcess(
    spawn(command[0], command.slice(1), {
      env: { ...process.env, ...own, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  const exited = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  let errors = "";
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  let log = "";
  child.stdout.on("data", (data: Buffer) => (log += data.toString()));
  const address = await within(addressOf(child.stdout), "the server to start", startTimeout).catch((error: unknown) => {
    void kill();
    throw error;
  });
  if (address === undefined) {
    const [code, signal]: unknown[] = await exited;
    throw new Error(`The server did not start (${String(signal ?? code)}): ${errors}`);
  }
  child.stdout.resume();
  return {
    url: address,
    process: child,
    output: () => log + errors,
    kill,
    [Symbol.asyncDispose]: kill,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** What the server's log says when it is ready; undefined where it ends before. */
async function addressOf(log: Readable): Promise<string | undefined> {
  for await (const line of createInterface(log)) {
    const entry: { msg?: string; address?: string } = JSON.parse(line);
    if (entry.msg === "ready" && entry.address !== undefined) return entry.address;
  }
  return undefined;
}
