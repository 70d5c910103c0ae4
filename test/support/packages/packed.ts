import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../pages/source-files.ts";

const run = promisify(execFile);

/** The folders of the workspaces by the names of their packages. */
export const workspaces = {
  "@arrwdb/protocol": "protocol",
  "arrwdb-client": "client",
  arrwdb: "server",
  "@arrwdb/console": "console",
  "arrwdb-langchain": "integrations/langchain",
  "arrwdb-ai-sdk": "integrations/ai-sdk",
} as const;
export type PackageName = keyof typeof workspaces;

const folders = ["packaging", "protocol", "client", "server", "console", "integrations", "docs", "examples"];

/** What a clone has, and the console that was built from it; `npm pack` makes the rest. */
const isSource = (path: string) =>
  !/^(?:node_modules|\.build-.*|\.dist-.*|\.workspace-package\.json)$/.test(basename(path)) &&
  !(path.endsWith("/dist") && !path.endsWith("/console/dist"));

/** A copy of the checkout in a new directory, for what changes files that other tests read, as `npm pack` does. */
export async function copyCheckout(directory: string): Promise<void> {
  const names = await readdir(repository, { withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ name }) => name);
  await mkdir(directory);
  for (const name of [...files, ...folders]) {
    const options = { recursive: true, preserveTimestamps: true, filter: isSource };
    await cp(join(repository, name), join(directory, name), options);
  }
  await linkModules(directory);
  const own = join(repository, "server/node_modules");
  if (existsSync(own)) await symlink(own, join(directory, "server/node_modules"));
}

/** The checkout's modules, with the copy's own packages among them. */
async function linkModules(directory: string): Promise<void> {
  const [from, to] = [join(repository, "node_modules"), join(directory, "node_modules")];
  await mkdir(join(to, "@arrwdb"), { recursive: true });
  const own = new Map<string, string>(Object.entries(workspaces));
  const foreign = (await readdir(from)).filter((name) => name !== "@arrwdb" && !own.has(name));
  await Promise.all([
    ...foreign.map((name) => symlink(join(from, name), join(to, name))),
    ...[...own].map(([name, folder]) => symlink(join(directory, folder), join(to, name))),
  ]);
}

/**
 * Runs `npm pack` for these packages, in a new folder of the directory.
 *
 * @returns the paths of the tarballs
 */
export async function pack<Name extends PackageName>(
  names: readonly Name[],
  directory: string,
): Promise<Readonly<Record<Name, string>>>;
export async function pack(names: readonly string[], directory: string): Promise<Readonly<Record<string, string>>> {
  const checkout = join(directory, "checkout");
  await copyCheckout(checkout);
  const tarballs = join(directory, "tarballs");
  await mkdir(tarballs);
  const chosen = names.map((name) => `--workspace=${name}`);
  await run("npm", ["pack", ...chosen, "--pack-destination", tarballs], { cwd: checkout });
  const version = await versionOf(checkout);
  return Object.fromEntries(
    names.map((name) => [name, join(tarballs, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`)]),
  );
}

async function versionOf(checkout: string): Promise<string> {
  const { version }: { readonly version: string } = JSON.parse(await readFile(join(checkout, "package.json"), "utf8"));
  return version;
}

/** Unpacks a tarball into a folder, as an installation would. */
export async function unpack(tarball: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", to]);
}
