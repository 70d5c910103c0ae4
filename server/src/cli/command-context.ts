import { interruption } from "./terminal/interruption.ts";

/** What every command is made from. */
export class Context {
  #signal: AbortSignal | undefined;

  /** Aborts on Ctrl-C. Installed on first use, so that a server keeps its own shutdown. */
  get signal(): AbortSignal {
    this.#signal ??= interruption();
    return this.#signal;
  }

  /** The exit code, unless an error sets another. */
  exitCode = 0;
}
