/**
 * Makes the packages that are published, each a folder of its own: one file of JavaScript that imports the large
 * libraries from where the user has them, declarations, and a `package.json` that points at both.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";

const here = fileURLToPath(new URL(".", import.meta.url));
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/** The folders of the packages. */
export const integrations = ["langchain", "ai-sdk"] as const;
export type Integration = (typeof integrations)[number];

interface Manifest {
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

async function manifestOf(name: Integration): Promise<Manifest> {
  const manifest: Manifest = JSON.parse(await readFile(join(here, name, "package.json"), "utf8"));
  return manifest;
}

async function writeScript(name: Integration, { peerDependencies = {} }: Manifest, directory: string): Promise<void> {
  const peers = Object.keys(peerDependencies);
  const bundle = await rolldown({
    input: join(here, name, "src/index.ts"),
    platform: "neutral",
    external: (id) => peers.some((peer) => id === peer || id.startsWith(`${peer}/`)),
    // Whatever else it imports would be a slip.
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  await bundle.write({ file: join(directory, "index.js"), format: "es", comments: { annotation: true } });
}

async function writeDeclarations(name: Integration, directory: string): Promise<void> {
  // Beside the sources, so that what they import is found.
  const emitted = await mkdtemp(join(here, ".build-"));
  try {
    await promisify(execFile)(process.execPath, [tsc, "-p", join(here, "tsconfig.build.json"), "--outDir", emitted]);
    const sources = join(emitted, "integrations", name, "src");
    const copy = async (file: string) => {
      const text = await readFile(join(sources, file), "utf8");
      await writeFile(join(directory, file), text.replaceAll(/(from "\.\/[\w-]+)\.ts"/g, '$1.js"'));
    };
    await Promise.all((await readdir(sources)).map(copy));
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

async function writeManifest(name: Integration, manifest: Manifest, directory: string): Promise<void> {
  const { private: _private, devDependencies: _dependencies, ...rest } = manifest;
  const exports = { ".": { types: "./index.d.ts", default: "./index.js" }, "./package.json": "./package.json" };
  await writeFile(join(directory, "package.json"), `${JSON.stringify({ ...rest, exports }, undefined, 2)}\n`);
  await copyFile(join(here, name, "README.md"), join(directory, "README.md"));
  await copyFile(join(here, "../LICENSE"), join(directory, "LICENSE"));
}

/** Writes the package into the directory, which it empties first. */
export async function buildIntegration(name: Integration, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const manifest = await manifestOf(name);
  await writeScript(name, manifest, directory);
  await writeDeclarations(name, directory);
  await writeManifest(name, manifest, directory);
}

if (import.meta.main) {
  for (const name of integrations) await buildIntegration(name, join(here, name, "dist"));
}
