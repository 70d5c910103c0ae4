import { readdir } from "node:fs/promises";

/** Which files the console has. A build beside a running server gives them new names, so a name that is new is looked for. */
export class ConsoleFiles {
  readonly #directory: string;
  #names: ReadonlySet<string> = new Set();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async has(name: string): Promise<boolean> {
    if (!this.#names.has(name)) this.#names = new Set(await readdir(this.#directory).catch(() => []));
    return this.#names.has(name);
  }
}
