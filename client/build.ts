/**
 * Makes the package that is published, as a folder of its own: one file of JavaScript, declarations in which the
 * protocol's types stand in full, and a `package.json` that points at them. In the workspace the client runs from its
 * source, and nothing has to be built.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { writeWireTypes } from "./build-types.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

async function writeScript(directory: string): Promise<void> {
  const bundle = await rolldown({
    input: join(here, "src/index.ts"),
    platform: "neutral",
    // Everything that it needs is its own or the protocol's; anything else would be a slip.
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  await bundle.write({ file: join(directory, "index.js"), format: "es", comments: { annotation: true } });
}

/** The declarations that can be reached from the entry. */
async function writeDeclarations(directory: string): Promise<void> {
  // Beside the sources, so that what they import is found.
  const emitted = await mkdtemp(join(here, ".build-"));
  try {
    await writeWireTypes(emitted, tsc, directory);
    await promisify(execFile)(process.execPath, [tsc, "-p", join(here, "tsconfig.build.json"), "--outDir", emitted]);
    const sources = join(emitted, "client/src");
    const declarations = new Set(await readdir(sources, { recursive: true }));
    const written = new Set(["wire.d.ts"]);
    const write = async (name: string): Promise<void> => {
      if (written.has(name)) return;
      if (!declarations.has(name)) throw new Error(`There is no ${name}`);
      written.add(name);
      const text = await readFile(join(sources, name), "utf8");
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), text.replaceAll(/(from "\.[\w./-]+)\.ts"/g, '$1.js"'));
      const imported = [...text.matchAll(/from "(\.[\w./-]+)\.ts"/g)];
      await Promise.all(imported.map(([, module = ""]) => write(`${join(dirname(name), module)}.d.ts`)));
    };
    await write("index.d.ts");
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

async function writeManifest(directory: string): Promise<void> {
  const manifest: Record<string, unknown> = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  const { private: _private, devDependencies: _dependencies, ...rest } = manifest;
  const exports = { ".": { types: "./index.d.ts", default: "./index.js" }, "./package.json": "./package.json" };
  await writeFile(join(directory, "package.json"), `${JSON.stringify({ ...rest, exports }, undefined, 2)}\n`);
  await copyFile(join(here, "README.md"), join(directory, "README.md"));
  await copyFile(join(here, "../LICENSE"), join(directory, "LICENSE"));
}

/** Writes the package into the directory, which it empties first. */
export async function buildClient(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await Promise.all([writeScript(directory), writeDeclarations(directory), writeManifest(directory)]);
}

if (import.meta.main) await buildClient(process.argv[2] ?? join(here, "dist"));
