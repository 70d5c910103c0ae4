import { execFile, type ExecFileOptions } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bareMachine, installationTimeout, npmProgram } from "./runtimes.ts";

const run = promisify(execFile);

export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a program, whatever its exit code. */
export async function runProgram(file: string, args: readonly string[], options: ExecFileOptions): Promise<Ran> {
  try {
    const { stdout, stderr } = await run(file, args, { timeout: 100_000, ...options, encoding: "utf8" });
    return { code: 0, output: stdout, errors: stderr };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "stdout" in error && "stderr" in error)) throw error;
    return { code: Number(error.code), output: String(error.stdout), errors: String(error.stderr) };
  }
}

/** Without what the tests' own npm and Node are told. */
function plainEnvironment(): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || /^(?:npm_|NODE_|VITEST)/i.test(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}

/** A folder of somebody who uses the packages. */
export class Consumer {
  readonly directory: string;
  /** In which this Node is the only program. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #node: string;

  private constructor(directory: string, node: string, environment: Readonly<Record<string, string>>) {
    this.directory = directory;
    this.#node = node;
    this.environment = environment;
  }

  /**
   * An empty folder, into which `npm install` with this Node puts what is named, on a machine without tools to compile.
   *
   * @returns the folder, with what npm wrote
   */
  static async install(
    directory: string,
    node: string,
    packages: readonly string[],
  ): Promise<{ readonly consumer: Consumer; readonly ran: Ran }> {
    await mkdir(directory, { recursive: true });
    const programs = await bareMachine(directory, node);
    const folder = join(directory, "folder");
    await mkdir(folder);
    // The script of usearch, which newer versions of npm run only when they are told to, must not need a compiler.
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", allowScripts: { usearch: true } }));
    const args = [await npmProgram(), "install", "--prefer-offline", "--no-audit", "--no-fund", ...packages];
    const environment = { ...plainEnvironment(), PATH: programs };
    const ran = await runProgram(node, args, { cwd: folder, env: environment, timeout: installationTimeout });
    return { consumer: new Consumer(folder, node, environment), ran };
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.directory, name), text);
  }

  /** Runs a program of the folder. */
  run(args: readonly string[], environment: Readonly<Record<string, string>> = {}, node = this.#node): Promise<Ran> {
    return runProgram(node, args, { cwd: this.directory, env: { ...this.environment, ...environment } });
  }
}
