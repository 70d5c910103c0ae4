import { interruption } from "./terminal/interruption.ts";

/** What every command is made from. */
export class Context {
  #signal: AbortSignal | undefined;

  /** Aborts with Ctrl-C. From the first use on, so that a server keeps its own way of ending. */
  get signal(): AbortSignal {
    this.#signal ??= interruption();
    return this.#signal;
  }

  /** The exit code, unless an error sets another. */
  exitCode = 0;
}
