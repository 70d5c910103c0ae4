import { execFile } from "node:child_process";
import { access, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { beforeAll, expect, it } from "vitest";
import { adminKey, startGuardedServer } from "../support/server/access.ts";
import { temporaryDirectory, type TestServer } from "../support/server/test-server.ts";
import { describeUnless } from "../support/skipping.ts";

const run = promisify(execFile);
const generators = fileURLToPath(new URL("../generators", import.meta.url));
const compiler = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));
const missing = await access(join(generators, "node_modules")).then(
  () => undefined,
  () => "the generators are missing: npm ci --ignore-scripts --prefix test/generators",
);

const library = `{ name: "Generated", embedding_model: "none", dimension: 2 }`;
const document = `{
  title: "Robots", year: 2021, metadata: { rating: { critics: [8.5] } }, chunks: [{ text: "A film.", embedding: [1, 0] }]
}`;
const search = `{
  embedding: [1, 0], metadata_filter: { year: { $gte: 2020 }, $or: [{ title: "Robots" }, { tags: { $in: ["film"] } }] }
}`;

/** Each generator with its command, and a program that adds a document, finds it by a filter, and reads the events. */
const programs = {
  "openapi-typescript": {
    command: ["openapi-typescript", "openapi.json", "-o", "schema.d.ts"],
    program: `
      import createClient from "openapi-fetch";
      import type { paths } from "./schema.d.ts";
      export async function use(baseUrl: string, key: string) {
        const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${key}\` } });
        const library = await client.POST("/v1/libraries", { body: ${library} });
        const params = { path: { library_id: library.data?.id ?? "" } };
        const added = await client.POST("/v1/libraries/{library_id}/documents", { params, body: ${document} });
        const found = await client.POST("/v1/libraries/{library_id}/search", { params, body: ${search} });
        const rank: number | undefined = found.data?.results[0]?.rank;
        const query = { from_seq: 0, limit: 10 };
        const events = await client.GET("/v1/libraries/{library_id}/events", { params: { ...params, query } });
        return [added.data?.document.title, rank, events.data?.events.map(({ type }) => type)];
      }`,
  },
  "hey-api": {
    command: ["openapi-ts", "--input", "openapi.json", "--output", "client"],
    program: `
      import { addDocument, createLibrary, readEvents, search } from "./client/index.ts";
      import { client } from "./client/client.gen.ts";
      export async function use(baseUrl: string, key: string) {
        client.setConfig({ baseUrl, auth: key });
        const library = await createLibrary({ body: ${library} });
        const path = { library_id: library.data?.id ?? "" };
        const added = await addDocument({ path, body: ${document} });
        const found = await search({ path, body: ${search} });
        const rank: number | undefined = found.data?.results[0]?.rank;
        const events = await readEvents({ path, query: { from_seq: 0, limit: 10 } });
        return [added.data?.document.title, rank, events.data?.events.map(({ type }) => type)];
      }`,
  },
  orval: {
    command: ["orval", "--config", "orval.config.mjs"],
    program: `
      import { addDocument, createLibrary, readEvents, search } from "./api.ts";
      declare global { var connection: { url: string; key: string } }
      export async function use(url: string, key: string) {
        globalThis.connection = { url, key };
        const library = await createLibrary(${library});
        const id = library.status === 201 ? library.data.id : "";
        const added = await addDocument(id, ${document});
        const found = await search(id, ${search});
        const rank: number | undefined = found.status === 200 ? found.data.results[0]?.rank : undefined;
        const events = await readEvents(id, { from_seq: 0, limit: 10 });
        const types = events.status === 200 ? events.data.events.map(({ type }) => type) : undefined;
        return [added.status === 201 ? added.data.document.title : undefined, rank, types];
      }`,
  },
};

const orvalConfig = `export default {
  arrwdb: {
    input: "./openapi.json",
    output: { target: "./api.ts", client: "fetch", override: { mutator: { path: "./request.ts", name: "request" } } },
  },
};`;
const orvalRequest = `
  declare global { var connection: { url: string; key: string } }
  export async function request<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const { url, key } = globalThis.connection;
    const headers = { ...init.headers, authorization: \`Bearer \${key}\` };
    const response = await fetch(new URL(path, url), { ...init, headers });
    return { status: response.status, data: await response.json(), headers: response.headers } as Answer;
  }`;

const checks = [
  "--noEmit",
  "--strict",
  "--skipLibCheck",
  "--target",
  "esnext",
  "--module",
  "preserve",
  "--noEmitOnError",
];

describeUnless(missing, "A client that is generated from /openapi.json", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startGuardedServer();
    return () => server.stop();
  });

  it.each(Object.entries(programs))(
    "by %s compiles, and adds, filters and reads events",
    async (_name, { command, program }) => {
      const directory = await temporaryDirectory();
      await symlink(join(generators, "node_modules"), join(directory, "node_modules"));
      const files = {
        "package.json": '{ "type": "module" }',
        "openapi.json": await (await fetch(`${server.url}/openapi.json`)).text(),
        "program.ts": program,
        "orval.config.mjs": orvalConfig,
        "request.ts": orvalRequest,
      };
      for (const [file, content] of Object.entries(files)) await writeFile(join(directory, file), content);
      const [generator = "", ...options] = command;
      await run(process.execPath, [join(generators, "node_modules/.bin", generator), ...options], { cwd: directory });
      await run(compiler, [...checks, "--allowImportingTsExtensions", "program.ts"], { cwd: directory });
      const bundle = await rolldown({ input: join(directory, "program.ts"), platform: "node" });
      await bundle.write({ file: join(directory, "program.js") });
      const { use } = await import(join(directory, "program.js"));
      expect(await use(server.url, adminKey)).toEqual(["Robots", 1, ["library.created", "document.added"]]);
    },
  );
});
