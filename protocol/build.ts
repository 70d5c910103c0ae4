/** Makes `dist`, which `npm pack` puts into the package: each module as JavaScript, with its declaration. */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, isOf } from "../packaging/bundle.ts";
import { compile, copyDeclarations, withScratch } from "../packaging/declarations.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = join(here, "src");
const dist = join(here, "dist");

const { dependencies }: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
  await readFile(join(here, "package.json"), "utf8"),
);
const modules = (await readdir(source, { recursive: true }))
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .map((name) => name.slice(0, -".ts".length));
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const input = Object.fromEntries(modules.map((module) => [module, join(source, `${module}.ts`)]));
const external = isOf(Object.keys(dependencies));
await bundle(
  { input, platform: "neutral", external },
  { dir: dist, preserveModules: true, preserveModulesRoot: source },
);
await withScratch(here, async (scratch) => {
  await compile(join(here, "tsconfig.build.json"), scratch);
  const declarations = modules.map((module) => `${module}.d.ts`);
  await copyDeclarations(join(scratch, "protocol/src"), declarations, dist);
});
