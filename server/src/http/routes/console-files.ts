import { readdir } from "node:fs/promises";

/** The console's files. A rebuild while the server runs renames them, so unknown names are looked up. */
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
