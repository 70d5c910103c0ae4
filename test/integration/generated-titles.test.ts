import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand as run } from "../support/server/command.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";

let server: TestServer;
let client: ArrwClient;
let directory: string;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
});
afterAll(async () => {
  client.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function newLibrary(): Promise<LibraryHandle> {
  const { id } = await client.libraries.create({ name: "test", embedding_model: "none", dimension: 2 });
  return client.library(id);
}

const long = "The blue whale is the largest animal that has ever lived, as far as anybody knows.\nIt sings.";
const title = "The blue whale is the largest animal that has ever lived, as far as anybody";
const chunks = [{ text: long, embedding: [1, 0] }];
const generated = { title, title_generated: true };

describe("A document without a title", () => {
  it("has one made from its text, and says so wherever it is shown", async () => {
    const library = await newLibrary();
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    for (const given of [{}, { title: "" }, { title: null }]) {
      expect(await library.add({ ...given, chunks })).toMatchObject({ document: generated });
      expect((await socket.request("add", { ...given, chunks })).data).toMatchObject({ document: generated });
    }
    await socket.close();
    const { document } = await library.add({ id: "own", title: "Whales", chunks });
    expect(document).toMatchObject({ title: "Whales", title_generated: false });
    const { results } = await library.search({ embedding: [1, 0] });
    const shown = results.map((hit) => hit.document.title_generated);
    expect([shown.length, shown.filter((one) => !one)]).toEqual([7, [false]]);
    expect((await library.search({ mode: "text", query: "largest", metadata_filter: { title } })).total).toBe(6);
    await library.delete("own");
    const { documents } = await library.documentPage();
    expect(documents).toMatchObject(Array.from({ length: 6 }, () => generated));
    const { events } = await library.eventPage({ from_seq: 1 });
    const told = events.map(({ data }) => Object(data).title_generated);
    expect(told).toEqual([true, true, true, true, true, true, false, false]);
  });

  it("tells of it in receipts, also of an upload that is sent again", async () => {
    const library = await newLibrary();
    const body = [{ chunks }, { title: "Given", chunks }].map((line) => JSON.stringify(line)).join("\n");
    for (const replayed of [undefined, true]) {
      const response = await fetch(`${server.url}/v1/libraries/${library.id}/documents/stream`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson", "idempotency-key": "again" },
        body,
      });
      const { results } = ingestionResponse.parse(await response.json());
      expect(results).toMatchObject([generated, { title: "Given", title_generated: false }]);
      expect(results.map((result) => "replayed" in result && result.replayed)).toEqual([
        replayed ?? false,
        replayed ?? false,
      ]);
    }
  });

  it("is exported and imported with it, also by a server that knew only titles that were given", async () => {
    const library = await newLibrary();
    await library.add({ chunks });
    await library.add({ title: "Given", tags: "one", chunks });
    const file = join(directory, "export.ndjson");
    expect(await run(["export", library.id, "-o", file], { url: server.url })).toMatchObject({ code: 0 });
    const text = await readFile(file, "utf8");
    expect(text).toContain('"title_generated":true');
    const former = join(directory, "former.ndjson");
    await writeFile(former, text.replaceAll(/"title_generated":(?:true|false),/g, ""));
    for (const [path, isGenerated] of [
      [file, true],
      [former, false],
    ] as const) {
      const imported = await run(["import", path], { url: server.url });
      expect(imported).toMatchObject({ code: 0 });
      const { documents } = await client.library(imported.output.trim()).documentPage();
      expect(documents).toMatchObject([
        { title, title_generated: isGenerated },
        { title: "Given", title_generated: false, tags: ["one"] },
      ]);
    }
  });
});

it("Tags are one text as well as a list", async () => {
  const library = await newLibrary();
  expect(await library.add({ chunks, tags: "one" })).toMatchObject({ document: { tags: ["one"] } });
  expect((await library.search({ embedding: [1, 0], metadata_filter: { tags: "one" } })).total).toBe(1);
  await expect(library.add({ chunks, tags: "" })).rejects.toThrow("tags: must not be empty");
  const response = await fetch(`${server.url}/v1/libraries/${library.id}/documents`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ chunks, tags: 7 }),
  });
  expect(await response.json()).toMatchObject({ detail: "tags: must be a text or a list of texts", field: "tags" });
});
