/**
 * Makes `dist`, which `npm pack` puts into the package: one file of JavaScript, and declarations in which the protocol's
 * types stand in full. In the workspace the client runs from its source, and nothing has to be built.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../packaging/bundle.ts";
import { compile, copyDeclarations, withScratch } from "../packaging/declarations.ts";
import { writeWireTypes } from "./build-types.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "dist");

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
// Everything that it needs is its own or the protocol's; anything else would be a slip.
await bundle({ input: join(here, "src/index.ts"), platform: "neutral" }, { file: join(dist, "index.js") });
await withScratch(here, async (scratch) => {
  await writeWireTypes(scratch, dist);
  await compile(join(here, "tsconfig.build.json"), scratch);
  await copyDeclarations(join(scratch, "client/src"), ["index.d.ts"], dist, ["wire.d.ts"]);
});
