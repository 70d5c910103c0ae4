/**
 * Makes `dist` of an integration, which `npm pack` puts into its package: one file of JavaScript that imports the large
 * libraries from where the user has them, and declarations. Takes the folder of the package.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, isOf } from "./bundle.ts";
import { compile, copyDeclarations, withScratch } from "./declarations.ts";

const integrations = fileURLToPath(new URL("../integrations/", import.meta.url));
const name = process.argv[2];
if (name === undefined) throw new Error("Name the folder of the integration, such as langchain");

const { peerDependencies }: { readonly peerDependencies: Readonly<Record<string, string>> } = JSON.parse(
  await readFile(join(integrations, name, "package.json"), "utf8"),
);
const dist = join(integrations, name, "dist");
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const input = join(integrations, name, "src/index.ts");
const external = isOf(Object.keys(peerDependencies));
await bundle({ input, platform: "neutral", external }, { file: join(dist, "index.js") });
await withScratch(integrations, async (scratch) => {
  await compile(join(integrations, "tsconfig.build.json"), scratch);
  await copyDeclarations(join(scratch, "integrations", name, "src"), ["index.d.ts"], dist);
});
