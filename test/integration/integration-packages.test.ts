import { execFile } from "node:child_process";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { beforeAll, describe, expect, it } from "vitest";
import { Consumer } from "../support/packages/consumer.ts";
import { pack, unpack } from "../support/packages/packed.ts";
import { installationTimeout, installRuntimes, runtimes } from "../support/packages/runtimes.ts";
import { startServer, temporaryDirectory } from "../support/server/test-server.ts";

const run = promisify(execFile);
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

const packages = [
  {
    name: "arrwdb-langchain",
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
    visit: `
import { ArrwClient } from "arrwdb-client";
import { ArrwVectorStore } from "arrwdb-langchain";
const client = new ArrwClient({ url: process.env.ARRWDB_URL });
const library = { name: "Museum " + Math.random() };
const store = await ArrwVectorStore.fromTexts(["a copper kettle", "a wooden loom"], {}, undefined, { client, library });
console.log((await store.similaritySearch("to weave cloth", 1))[0].pageContent);
client.close();
`,
    printed: "a wooden loom\n",
  },
  {
    name: "arrwdb-ai-sdk",
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
    visit: `
import { arrwdbTools } from "arrwdb-ai-sdk";
import { ArrwClient } from "arrwdb-client";
const client = new ArrwClient({ url: process.env.ARRWDB_URL });
const library = client.library((await client.libraries.create({ name: "Museum " + Math.random() })).id);
const { add, search } = arrwdbTools({ library });
await add.execute({ title: "Loom", texts: ["a wooden loom"] }, {});
console.log((await search.execute({ query: "to weave cloth", k: 1 }, {})).hits[0].title);
client.close();
`,
    printed: "Loom\n",
  },
] as const;

let directory: string;
let tarballs: Readonly<Record<"arrwdb-client" | "arrwdb-langchain" | "arrwdb-ai-sdk", string>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  tarballs = await pack(["arrwdb-client", "arrwdb-langchain", "arrwdb-ai-sdk"], directory);
});

describe.each(packages)("The package $name", ({ name, peers, program, visit, printed }) => {
  let built: string;
  let consumer: string;

  beforeAll(async () => {
    consumer = join(directory, `types-${name}`);
    built = join(consumer, "node_modules", name);
    await unpack(tarballs[name], built);
    await unpack(tarballs["arrwdb-client"], join(consumer, "node_modules/arrwdb-client"));
  });

  it("has nothing that publint would mend", async () => {
    const { messages } = await publint({ pkgDir: built, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it("leaves the large libraries to who uses it", async () => {
    const manifest: Record<string, unknown> = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("private");
    expect(Object.keys(Object(manifest["peerDependencies"]))).toEqual(peers);
    const script = await readFile(join(built, "dist/index.js"), "utf8");
    const imported = [...script.matchAll(/^import .* from "([^"]+)"/gm)].map(([, from = ""]) => from);
    for (const from of imported) expect(peers.some((peer) => from === peer || from.startsWith(`${peer}/`))).toBe(true);
    expect(imported.length).toBeGreaterThan(1);
  });

  it("has types, and is loaded by Node", async () => {
    const installed = join(consumer, "node_modules");
    // Among the libraries that the project has installed, as its user would have them.
    for (const library of ["@langchain", "ai", "zod", "@ai-sdk", "@types"]) {
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
    const script = `console.log(Object.keys(await import("${name}")).join())`;
    const loaded = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: consumer });
    expect(loaded.stdout).toMatch(/Arrw|arrwdb/);
  });

  it(
    `works in an empty folder, with Node, Bun and Deno`,
    async () => {
      await installRuntimes();
      // The registry has the other peers.
      const wanted = [tarballs["arrwdb-client"], tarballs[name], ...peers.filter((peer) => peer !== "arrwdb-client")];
      const installed = await Consumer.install(join(directory, `installed-${name}`), runtimes.oldest, wanted);
      expect(installed.ran).toMatchObject({ code: 0, errors: "" });
      await installed.consumer.write("visit.mjs", visit);
      await using server = await startServer();
      const seen: string[] = [];
      for (const runtime of [runtimes.oldest, process.execPath, runtimes.bun, runtimes.deno]) {
        const args = runtime === runtimes.deno ? ["run", "-A", "visit.mjs"] : ["visit.mjs"];
        const { code, output, errors } = await installed.consumer.run(args, { ARRWDB_URL: server.url }, runtime);
        seen.push(`${code} ${output}${errors}`);
      }
      expect(seen).toEqual(seen.map(() => `0 ${printed}`));
    },
    installationTimeout,
  );
});
