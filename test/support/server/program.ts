import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { python } from "../pages/pages.ts";
import { within } from "../waiting.ts";
import { endingProcess } from "./endings.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** One of the examples, as people start it, without a terminal. */
export class Program implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #printed = Promise.withResolvers<void>();
  #over = false;
  #read = 0;

  /** @param file in `examples/` */
  constructor(file: string, directory: string, options: readonly string[]) {
    const command = file.endsWith(".py") ? python : process.execPath;
    const child = endingProcess(
      spawn(command, [`${root}examples/${file}`, ...options], {
        cwd: directory,
        env: { ...process.env, NO_PROXY: "*", no_proxy: "*" },
        stdio: ["pipe", "pipe", "pipe"],
      }),
    );
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (line) => {
        this.lines.push(line);
        this.#wake();
      });
    }
    this.#ended = once(child, "close").then(() => {
      this.#over = true;
      this.#wake();
      return child.exitCode;
    });
  }

  /** The next line that has this text, behind those that were waited for before. */
  async line(text: string): Promise<string> {
    for (;;) {
      const at = this.lines.findIndex((line, index) => index >= this.#read && line.includes(text));
      const found = this.lines[at];
      if (found !== undefined) {
        this.#read = at + 1;
        return found;
      }
      if (this.#over) throw new Error(`"${text}" was not printed, but:\n${this.lines.join("\n")}`);
      await within(this.#printed.promise, () => `"${text}" behind:\n${this.lines.join("\n")}`);
    }
  }

  type(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** The end of its input. Resolves with its exit code. */
  async finish(): Promise<number | null> {
    this.#process.stdin?.end();
    return this.#ended;
  }

  /** Ctrl-C. Resolves with its exit code. */
  async interrupt(): Promise<number | null> {
    this.#process.kill("SIGINT");
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  #wake(): void {
    this.#printed.resolve();
    this.#printed = Promise.withResolvers();
  }
}
