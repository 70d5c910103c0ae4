import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = join(root, "node_modules/typescript/bin/tsc");

/** Runs the compiler on a folder's `tsconfig.build.json`, into `directory`, where paths are as in the repository. */
export async function compile(project: string, directory: string): Promise<void> {
  await promisify(execFile)(process.execPath, [tsc, "-p", project, "--outDir", directory]);
}

/** Calls back with a directory beside the sources, from which what they import is found; it is removed afterwards. */
export async function withScratch(folder: string, work: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = await mkdtemp(join(folder, ".build-"));
  try {
    await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Copies a declaration and those that it imports, with the extensions that their scripts have.
 *
 * @param have declarations, by their paths in `to`, that are there already
 */
export async function copyDeclarations(
  from: string,
  entries: readonly string[],
  to: string,
  have: readonly string[] = [],
): Promise<void> {
  const copied = new Set(have);
  const copy = async (path: string): Promise<void> => {
    if (copied.has(path)) return;
    copied.add(path);
    const text = await readFile(join(from, path), "utf8");
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), text.replaceAll(/((?:from |import\()"\.[^"]*)\.ts"/g, '$1.js"'));
    const imported = [...text.matchAll(/(?:from |import\()"(\.[^"]*)\.ts"/g)];
    await Promise.all(imported.map(([, module = ""]) => copy(join(dirname(path), `${module}.d.ts`))));
  };
  await Promise.all(entries.map(copy));
}
