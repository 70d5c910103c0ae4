/**
 * Makes `dist`, which `npm pack` puts into the package: the server as JavaScript with the protocol and the client inside,
 * the console, and the pages of the guide. Paths in it are those of the repository, on which the server relies.
 */
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildConsole } from "../console/build.ts";
import { bundle, isOf } from "../packaging/bundle.ts";
import { compile, copyDeclarations, withScratch } from "../packaging/declarations.ts";
import { otherFiles } from "./src/http/guide/guide-addresses.ts";
import { compiledThreads } from "./build-threads.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(here, "src");
const dist = join(here, "dist");

/** Files of the API reference, with their licence. */
const swaggerFiles = ["swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "LICENSE", "NOTICE"];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly publishConfig: { readonly inside: readonly string[] };
}

async function writeScripts(): Promise<void> {
  const { dependencies, publishConfig }: Manifest = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  const external = isOf(Object.keys(dependencies).filter((name) => !publishConfig.inside.includes(name)));
  const threads = (await readdir(source, { recursive: true })).filter((name) => name.endsWith("-worker.ts"));
  const input = ["index.ts", "main.ts", "cli/arrwdb.ts", ...threads].map((name) => join(source, name));
  await bundle(
    { input, platform: "node", external, plugins: [compiledThreads] },
    { dir: dist, preserveModules: true, preserveModulesRoot: root },
  );
}

async function writeDeclarations(): Promise<void> {
  await withScratch(here, async (scratch) => {
    await compile(join(here, "tsconfig.build.json"), scratch);
    await copyDeclarations(scratch, ["server/src/index.d.ts"], dist);
  });
}

async function copyPages(): Promise<void> {
  await buildConsole({ whenChanged: true });
  await cp(join(root, "console/dist"), join(dist, "console/dist"), { recursive: true });
  await cp(join(root, "docs"), join(dist, "docs"), { recursive: true });
  await Promise.all(otherFiles.map((file) => cp(join(root, file), join(dist, file))));
}

/** Its package would bring another one that reports each installation. */
async function copySwagger(): Promise<void> {
  const from = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  await Promise.all(swaggerFiles.map((file) => cp(join(from, file), join(dist, "swagger-ui", file))));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([writeScripts(), writeDeclarations(), copyPages(), copySwagger()]);
