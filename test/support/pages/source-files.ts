import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** A file by its path from the repository's top. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The TypeScript files beneath these folders, without tests. */
export async function sourceFiles(...folders: readonly string[]): Promise<readonly SourceFile[]> {
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,tsx}`);
  const paths: string[] = [];
  for await (const path of glob(patterns, { cwd: repository })) paths.push(path);
  const wanted = paths.filter((path) => !/\.test\.tsx?$|\.d\.ts$|node_modules|(^|\/)dist\//.test(path));
  return Promise.all(wanted.toSorted().map(async (path) => ({ path, text: await readText(path) })));
}

export const readText = (path: string): Promise<string> => readFile(join(repository, path), "utf8");

export const isThere = (path: string): boolean => existsSync(join(repository, path));

/** `from "x"`, `import "x"`, `import("x")`, and a file that a thread runs. */
const specifier = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*|\bnew URL\(\s*)"(?<name>[^"\n]+)"/g;

/** The files of this repository that a file imports, or starts as a thread. */
export function importsOf({ path, text }: SourceFile): readonly string[] {
  const names = [...text.matchAll(specifier)].flatMap(({ groups }) => groups?.["name"] ?? []);
  return names.flatMap((name) => resolve(path, name) ?? []);
}

function resolve(from: string, name: string): string | undefined {
  if (name === "arrwdb-client") return "client/src/index.ts";
  const wire = /^@arrwdb\/protocol\/(?<file>.+)$/.exec(name)?.groups?.["file"];
  if (wire !== undefined) return `protocol/src/${wire}.ts`;
  return /^\..+\.tsx?$/.test(name) ? normalize(join(dirname(from), name)) : undefined;
}
