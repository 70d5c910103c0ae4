import { execFile } from "node:child_process";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Consumer } from "../support/packages/consumer.ts";
import { pack, unpack } from "../support/packages/packed.ts";
import { installationTimeout, installRuntimes, runtimes } from "../support/packages/runtimes.ts";
import { startServer, temporaryDirectory } from "../support/server/test-server.ts";

const run = promisify(execFile);
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

const program = `
import { ArrwClient, ArrwClientError, type HitGroup, type LibraryEvent, type LineResult, type SearchHit } from "arrwdb-client";

const client = new ArrwClient({ url: "http://localhost:8000", reconnect: { maxAttempts: 3 } });
const created = await client.libraries.create({ name: "Help", events: { search_performed: true } });
const library = client.library(created.id);

const { results } = await library.search({ query: "tea", k: 3, metadata_filter: { year: { $gte: 2020 } } });
const distances: number[] = results.map((hit) => hit.distance);
const chosen = await library.search({ query: "tea", include: ["document.title", "metadata.part", "embedding"] });
const shown: [string, unknown, string][] = chosen.results.map(({ document, metadata, embedding }) => [document.title, metadata["part"], embedding]);
distances.push(shown.length);
for await (const { results: hits } of library.live({ query_text: "tea", include: ["text"], highlight: true })) {
  distances.push(...hits.map(({ text, highlights }) => text.length + (highlights?.text?.length ?? 0)));
}
for await (const result of library.ingest([{ title: "a", text: "b", year: 3 }])) {
  const line: LineResult = result;
  if (!line.success && line.error_code === "storage_full") distances.push(line.line);
}
for await (const event of library.events({ from: 0, signal: AbortSignal.timeout(1) })) {
  const told: LibraryEvent = event;
  if (told.type === "document.added") distances.push(told.data.num_chunks);
}
for await (const { entered, left } of library.live({ query_text: "tea", threshold: 1 })) {
  distances.push(...entered.map(({ rank }) => rank), ...left.map(({ previous_rank }) => previous_rank));
}
try {
  await library.get("x", { timeout: 1_000 });
} catch (error) {
  if (error instanceof ArrwClientError && error.code === "document_not_found") distances.push(error.status ?? 0);
}
// @ts-expect-error a text is text
await library.add({ text: 5 });
const groups: HitGroup<SearchHit>[] = (await library.search({ query: "tea", group_by: { field: "author" } })).groups ?? [];
distances.push(...groups.map(({ results: hits }) => hits.length));
// @ts-expect-error there is no such code
new ArrwClientError("no_such_code", "");
`;

let directory: string;
let tarball: string;
let built: string;
let consumer: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  consumer = join(directory, "consumer");
  // What would be published, as it would arrive.
  ({ "arrwdb-client": tarball } = await pack(["arrwdb-client"], directory));
  built = join(consumer, "node_modules/arrwdb-client");
  await unpack(tarball, built);
  await mkdir(join(consumer, "node_modules/@types"), { recursive: true });
  await writeFile(join(consumer, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(consumer, "program.ts"), program);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What the compiler has to say of the program, with everything that it can check switched on. */
async function check(options: Readonly<Record<string, unknown>>): Promise<string> {
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    ...options,
  };
  await writeFile(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["program.ts"] }));
  const tsc = join(modules, "typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", consumer]).catch((error: { stdout: string }) => error);
  return stdout;
}

const visit = `
import { ArrwClient } from "arrwdb-client";

const client = new ArrwClient({ url: process.env.ARRWDB_URL });
const library = client.library((await client.libraries.create({ name: "Help", embedding_model: "none", dimension: 2 })).id);
for await (const { entered } of library.live({ embedding: [1, 0], k: 3 })) {
  if (entered.length > 0) {
    console.log(entered[0].document.title);
    break;
  }
  await library.add({ title: "Kettle", chunks: [{ text: "copper", embedding: [1, 0] }] });
}
client.close();
`;

describe("The client's package, installed in an empty folder", () => {
  it(
    "works with Node, Bun and Deno",
    async () => {
      await installRuntimes();
      const installed = await Consumer.install(join(directory, "installed"), runtimes.oldest, [tarball]);
      expect(installed.ran).toMatchObject({ code: 0, errors: "" });
      const visitor = installed.consumer;
      await visitor.write("visit.mjs", visit);
      await using server = await startServer();
      const seen: string[] = [];
      for (const runtime of [runtimes.oldest, process.execPath, runtimes.bun, runtimes.deno]) {
        const args = runtime === runtimes.deno ? ["run", "--allow-net", "--allow-env", "visit.mjs"] : ["visit.mjs"];
        const { code, output, errors } = await visitor.run(args, { ARRWDB_URL: server.url }, runtime);
        seen.push(`${code} ${output}${errors}`);
      }
      expect(seen).toEqual(seen.map(() => "0 Kettle\n"));
    },
    installationTimeout,
  );
});

describe("The client's package", () => {
  it("has nothing that publint would mend", async () => {
    const { messages } = await publint({ pkgDir: built, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it("needs no other package", async () => {
    const manifest: unknown = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("private");
  });

  it("has types for a page", async () => {
    expect(await check({ lib: ["es2024", "dom", "dom.iterable", "dom.asynciterable"], types: [] })).toBe("");
  });

  it("has types for Node", async () => {
    for (const name of ["@types/node", "undici-types"]) {
      await symlink(join(modules, name), join(consumer, "node_modules", name));
    }
    expect(await check({ lib: ["es2024", "esnext.disposable"], types: ["node"] })).toBe("");
  });

  it("is loaded by Node", async () => {
    const script = 'import { ArrwClient } from "arrwdb-client"; console.log(typeof ArrwClient);';
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: consumer });
    expect(stdout.trim()).toBe("function");
  });

  it("makes a small bundle for a page, without the schemas and without Node", async () => {
    const entry = join(consumer, "page.js");
    await writeFile(
      entry,
      'import { ArrwClient } from "arrwdb-client"; globalThis.client = new ArrwClient({ url: "" });',
    );
    const bundle = await rolldown({ input: entry, platform: "browser" });
    const { output } = await bundle.generate({ format: "es", minify: true });
    const code = output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
    expect(code).not.toMatch(/zod|node:|require\(/);
    expect(output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.imports : []))).toEqual([]);
    const [size, zipped] = [Buffer.byteLength(code), gzipSync(code).byteLength];
    process.stdout.write(`The client in a page: ${size} bytes, ${zipped} compressed\n`);
    expect(zipped).toBeLessThan(16 * 1024);
  });
});
