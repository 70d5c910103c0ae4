import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { endingProcess } from "../server/endings.ts";

const run = promisify(execFile);
const root = new URL("../../../", import.meta.url);

export const python = "/usr/bin/python3";

/** One fenced block of a page. */
export interface Block {
  readonly line: number;
  readonly language: string;
  /** What stands behind the language. */
  readonly marker: string;
  readonly text: string;
  /** The `text` block right behind it: what it prints. */
  readonly output: string | undefined;
}

export interface Page {
  readonly name: string;
  readonly blocks: readonly Block[];
}

const fence = /^```(?<language>\w+)(?: (?<marker>[^\n]+))?\n(?<text>.*?)^```$(?:\n+^```text\n(?<output>.*?)^```$)?/gms;

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(fence)].map((match) => {
    const { language = "", marker = "", text = "", output } = match.groups ?? {};
    return { line: page.slice(0, match.index).split("\n").length, language, marker, text, output };
  });
}

async function readPage(name: string): Promise<Page> {
  return { name, blocks: blocksOf(await readFile(new URL(name, root), "utf8")) };
}

/** The pages in the project's root that are named, and all of `docs/`. */
export async function readPages(...names: readonly string[]): Promise<readonly Page[]> {
  const guides = (await readdir(new URL("docs", root))).filter((name) => name.endsWith(".md"));
  return Promise.all([...names, ...guides.map((name) => `docs/${name}`).toSorted()].map(readPage));
}

/** Runs the blocks of one page in a directory of their own, as its reader would: what one exports, the next ones see. */
export class Reader {
  readonly #directory: string;
  readonly #address: string;
  #environment: Readonly<Record<string, string | undefined>> = { ...process.env, NO_PROXY: "*", no_proxy: "*" };

  /**
   * @param address of the server that stands in for `localhost:8000`
   * @param environment that the page's reader has set
   */
  constructor(directory: string, address: string, environment: Readonly<Record<string, string>> = {}) {
    this.#environment = { ...this.#environment, ...environment };
    this.#directory = directory;
    this.#address = new URL(address).host;
  }

  /** What the block prints. Rejects where it ends with an error. */
  async run({ language, marker, text, output }: Block): Promise<string> {
    const code = text.replaceAll("localhost:8000", this.#address);
    switch (language) {
      case "bash":
        return marker === "endless" ? this.#endless(code, output ?? "") : this.#bash(code, marker === "refused");
      case "javascript":
        // Node has what browsers have behind this option.
        return this.#file("example.mjs", code, process.execPath, "--experimental-eventsource");
      case "python":
        return this.#file("example.py", code, python);
      default:
        throw new Error(`Blocks of ${language} cannot be run`);
    }
  }

  /** @param refused whether the block is there to show an error of the server's */
  async #bash(code: string, refused: boolean): Promise<string> {
    const exported = join(this.#directory, ".exported");
    // A refused request fails its block, though pages show curl as people type it.
    const options = refused ? "--show-error" : "--show-error --fail-with-body";
    const script = `curl() { command curl ${options} "$@"; }\n${code}\nenv -0 > '${exported}'`;
    const { stdout } = await run("bash", ["-eu", "-o", "pipefail", "-c", script], this.#options());
    const entries = (await readFile(exported, "utf8")).split("\0").map((entry) => entry.split(/=(.*)/s));
    this.#environment = Object.fromEntries(entries.filter(([name]) => name !== ""));
    return stdout;
  }

  /** What the block has printed when it is as much as it should be; then it is ended, as people do with Ctrl-C. */
  async #endless(code: string, output: string): Promise<string> {
    const child = endingProcess(
      spawn("bash", ["-eu", "-o", "pipefail", "-c", code], { ...this.#options(), detached: true }),
    );
    const exited = once(child, "exit");
    // All of a pipe, which is a group of processes.
    const interrupt = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid);
    };
    const timer = setTimeout(interrupt, this.#options().timeout);
    let printed = "";
    for await (const part of child.stdout.setEncoding("utf8")) {
      printed += String(part);
      if (printed.trimEnd().length >= output.trimEnd().length) break;
    }
    clearTimeout(timer);
    interrupt();
    await exited;
    return printed;
  }

  async #file(name: string, code: string, command: string, ...options: readonly string[]): Promise<string> {
    await writeFile(join(this.#directory, name), code);
    const { stdout } = await run(command, [...options, name], this.#options());
    return stdout;
  }

  #options() {
    return { cwd: this.#directory, env: { ...this.#environment }, timeout: 30_000 };
  }
}

/** Why python blocks cannot be run here, if so. */
export async function pythonMissing(): Promise<string | undefined> {
  try {
    await run(python, ["-c", "import requests, websockets"]);
    return undefined;
  } catch {
    return "python3 has no requests or websockets here";
  }
}
