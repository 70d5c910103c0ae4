import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Figures, Order, Report } from "./messages.ts";

function start(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

/** The next report of this kind. */
async function next<Type extends Report["type"]>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<Report, { type: Type }>> {
  const is = (report: Report): report is Extract<Report, { type: Type }> => report.type === type;
  for (;;) {
    const { promise, resolve, reject } = Promise.withResolvers<Report>();
    const exited = () => reject(new Error("A process of the bench has ended"));
    child.once("message", resolve);
    child.once("exit", exited);
    const report = await promise.finally(() => child.off("exit", exited));
    if (is(report)) return report;
  }
}

/** Sockets in a process of their own. */
export class Readers {
  readonly #child = start("./readers.ts");

  async connect(url: string, count: number, key?: string): Promise<void> {
    await this.#order({ type: "connect", url, count, key });
  }

  async send(frames: readonly string[]): Promise<void> {
    await this.#order({ type: "send", frames });
  }

  /** Counts from now on; the returned function waits for so many messages and tells when the last one came. */
  async expect(messages: number): Promise<() => Promise<number>> {
    await this.#order({ type: "expect", messages });
    const done = next(this.#child, "done");
    return async () => (await done).at;
  }

  /** What was timed since it was asked last. */
  async collect(): Promise<Figures> {
    const figures = next(this.#child, "figures");
    this.#child.send({ type: "collect" });
    return figures;
  }

  /** Reads nothing from now on. */
  async pause(): Promise<void> {
    await this.#order({ type: "pause" });
  }

  async disconnect(): Promise<void> {
    await this.#order({ type: "disconnect" });
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill();
    await exited;
  }

  async #order(order: Order): Promise<void> {
    const ready = next(this.#child, "ready");
    this.#child.send(order);
    await ready;
  }
}

/** The bare broadcast in a process of its own. */
export async function startBroadcast(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const child = start("./broadcast-server.ts");
  const { url } = await next(child, "listening");
  return {
    url,
    stop: async () => {
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}
