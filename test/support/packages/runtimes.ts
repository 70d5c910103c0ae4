import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../pages/source-files.ts";

const run = promisify(execFile);

/** Milliseconds that installing may take: a slow network brings hundreds of megabytes. */
export const installationTimeout = 600_000;

/** What people run packages on besides this Node: the oldest that is supported, one that is too old, and others. */
const packages = { oldest: "npm:node@22.19.0", old: "npm:node@20.20.2", bun: "1.4.5", deno: "2.9.6" } as const;

/** Where they are kept, as each is a hundred megabytes. */
const cache = join(repository, "node_modules/.cache");
const directory = join(
  cache,
  `runtimes-${Object.values(packages)
    .join("-")
    .replaceAll(/[^\w.-]+/g, "-")}`,
);

const at = (path: string) => join(directory, "node_modules", path);

export const runtimes = {
  oldest: at("oldest/bin/node"),
  old: at("old/bin/node"),
  bun: at("bun/bin/bun.exe"),
  deno: at(".bin/deno"),
} as const;

/** Installs the runtimes, from the npm registry, unless they are there. */
export async function installRuntimes(): Promise<void> {
  if (await isThere(directory)) return;
  await mkdir(cache, { recursive: true });
  // Beside it, as another test file may do the same at the same time.
  const made = await mkdtemp(`${directory}-`);
  const manifest = {
    private: true,
    dependencies: packages,
    // The packages of Node and Bun put their programs in place by a script.
    allowScripts: { node: true, bun: true, deno: true },
  };
  try {
    await writeFile(join(made, "package.json"), JSON.stringify(manifest));
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: made });
    await rename(made, directory);
  } catch (error) {
    if (!(await isThere(directory))) throw error;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * A folder of programs that has this Node and a shell, and thus neither a compiler nor Python.
 *
 * @returns it, for `PATH`
 */
export async function bareMachine(parent: string, node: string): Promise<string> {
  const programs = join(parent, "programs");
  await mkdir(programs);
  await symlink(node, join(programs, "node"));
  await symlink("/bin/sh", join(programs, "sh"));
  return programs;
}

/** The file that is `npm`, to be run with the Node in question. */
export async function npmProgram(): Promise<string> {
  const own = process.env["npm_execpath"];
  if (own !== undefined && basename(own) === "npm-cli.js") return own;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const found = await realpath(join(folder, "npm")).catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error("There is no npm in PATH");
}
