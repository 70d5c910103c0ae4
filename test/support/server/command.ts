import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endingProcess } from "./endings.ts";

/** The command line, as a program of `examples/` would be named. */
export const commandFile = "../server/src/cli/arrwdb.ts";

const file = fileURLToPath(new URL("../../../server/src/cli/arrwdb.ts", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface CommandOptions {
  readonly url?: string | undefined;
  readonly directory?: string | undefined;
  /** Standard input. */
  readonly input?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

function environmentOf({ url, environment }: CommandOptions): NodeJS.ProcessEnv {
  // What decides about colours is the terminal alone, also on a machine that integrates.
  const { NO_COLOR: _, FORCE_COLOR: __, NODE_DISABLE_COLORS: ___, CI: ____, ...inherited } = process.env;
  return {
    ...inherited,
    NO_PROXY: "*",
    no_proxy: "*",
    ...(url === undefined ? {} : { ARRWDB_URL: url }),
    ...environment,
  };
}

async function outcomeOf(child: ChildProcess, input: string | undefined): Promise<Outcome> {
  child.stdin?.end(input ?? "");
  const [output, errors] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    child.stderr === null ? "" : text(child.stderr),
    once(child, "close"),
  ]);
  return { code: child.exitCode, output, errors };
}

/** Runs `arrwdb` as people do in a script, without a terminal. */
export function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const child = endingProcess(
    spawn(process.execPath, [file, ...args], {
      cwd: options.directory,
      env: environmentOf(options),
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
  return outcomeOf(child, options.input);
}

const quoted = (word: string) => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Runs it in a terminal, of which everything that it shows is the output. */
export function runInTerminal(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const command = [process.execPath, file, ...args].map(quoted).join(" ");
  const child = endingProcess(
    spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: options.directory,
      env: { ...environmentOf(options), TERM: "xterm-256color", COLUMNS: "100" },
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
  return outcomeOf(child, options.input);
}

/** Runs it in a shell, for what only a pipe shows; `arrwdb` stands for the command. */
export function runInShell(script: string, options: CommandOptions = {}): Promise<Outcome> {
  const prelude = `arrwdb() { ${quoted(process.execPath)} ${quoted(file)} "$@"; }`;
  const child = endingProcess(
    spawn("bash", ["-c", `${prelude}\n${script}`], {
      cwd: options.directory,
      env: environmentOf(options),
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
  return outcomeOf(child, options.input);
}
