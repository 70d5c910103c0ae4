import { execFile } from "node:child_process";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildClient } from "../../client/build.ts";
import { buildIntegration } from "../../integrations/build.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";

const run = promisify(execFile);
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

const packages = [
  {
    name: "langchain",
    peers: ["@langchain/core", "arrwdb-client"],
    program: `
import { ArrwClient } from "arrwdb-client";
import { ArrwStoreError, ArrwVectorStore } from "arrwdb-langchain";
const client = new ArrwClient({ url: "http://localhost:8000" });
const store = await ArrwVectorStore.fromTexts(["a"], {}, undefined, { client });
const ids: string[] = await store.addDocuments([{ pageContent: "b", metadata: {} }]);
const [[found, score] = []] = await store.similaritySearchWithScore("b", 1, { year: { $gt: 3 } });
const told: (string | number | undefined)[] = [...ids, found?.pageContent, score, store.library.id];
const retriever = store.asRetriever({ k: 3, filter: { a: 1 } });
await store.delete({ ids: (await retriever.invoke("x")).map(({ id }) => id ?? "") });
try { await store.addVectors([[1]], []); } catch (error) { if (error instanceof ArrwStoreError) told.push(error.failures[0]?.line); }
// @ts-expect-error a store has a client
await ArrwVectorStore.fromTexts(["a"], {}, undefined, {});
`,
  },
  {
    name: "ai-sdk",
    peers: ["ai", "arrwdb-client", "zod"],
    program: `
import type { ToolSet } from "ai";
import { ArrwClient } from "arrwdb-client";
import { arrwdbTools } from "arrwdb-ai-sdk";
const client = new ArrwClient({ url: "http://localhost:8000" });
const { search, add } = arrwdbTools({ library: client.library("x"), k: 3, filter: { user: "ada" } });
export const tools: ToolSet = { search, add };
// @ts-expect-error it needs a library
arrwdbTools({});
`,
  },
] as const;

describe.each(packages)("The package for $name", ({ name, peers, program }) => {
  let directory: string;
  let built: string;
  let consumer: string;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    consumer = join(directory, "consumer");
    const installed = join(consumer, "node_modules");
    built = join(directory, "built");
    await mkdir(join(installed, "@types"), { recursive: true });
    await Promise.all([buildIntegration(name, built), buildClient(join(installed, "arrwdb-client"))]);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("has nothing that publint would mend", async () => {
    const { messages } = await publint({ pkgDir: built, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it("leaves the large libraries to who uses it", async () => {
    const manifest: Record<string, unknown> = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("private");
    expect(Object.keys(Object(manifest["peerDependencies"]))).toEqual(peers);
    const script = await readFile(join(built, "index.js"), "utf8");
    const imported = [...script.matchAll(/^import .* from "([^"]+)"/gm)].map(([, from = ""]) => from);
    for (const from of imported) expect(peers.some((peer) => from === peer || from.startsWith(`${peer}/`))).toBe(true);
    expect(imported.length).toBeGreaterThan(1);
  });

  it("has types, and is loaded by Node", async () => {
    const installed = join(consumer, "node_modules");
    // The built package among the libraries that the project has installed, as its user would have them.
    await rename(built, join(installed, `arrwdb-${name}`));
    await mkdir(join(directory, "node_modules"));
    for (const library of ["@langchain", "ai", "zod", "@ai-sdk", "@types"]) {
      await rm(join(installed, library), { recursive: true, force: true });
      await symlink(join(modules, library), join(installed, library));
    }
    await writeFile(join(consumer, "package.json"), JSON.stringify({ type: "module" }));
    await writeFile(join(consumer, "program.ts"), program);
    const compilerOptions = {
      target: "es2024",
      module: "nodenext",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ["node"],
      exactOptionalPropertyTypes: true,
    };
    await writeFile(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["program.ts"] }));
    const { stdout } = await run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", consumer]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe("");
    const script = `console.log(Object.keys(await import("arrwdb-${name}")).join())`;
    const loaded = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: consumer });
    expect(loaded.stdout).toMatch(/Arrw|arrwdb/);
  });
});
