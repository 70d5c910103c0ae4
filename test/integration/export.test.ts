import { exportLine } from "@arrwdb/protocol/documents/export";
import { ArrwClient, type ExportedDocument, type ExportLine } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureOf, pointing } from "../support/peers/test-client.ts";
import { CuttingProxy } from "../support/peers/cutting-proxy.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const documentsOf = (lines: readonly ExportLine[]): ExportedDocument[] =>
  lines.flatMap((line) => ("document" in line ? [line.document] : []));

async function fill(count: number, text = "x") {
  const { id } = await createVectorLibrary(server.url, 2);
  const library = client.library(id);
  const documents = Array.from({ length: count }, (_, index) => {
    const { title, chunks } = pointing(`document ${index}`, index);
    return { title, chunks: chunks.map((chunk) => ({ ...chunk, text })), number: index };
  });
  for await (const result of library.ingest(documents)) expect(result.success).toBe(true);
  return library;
}

describe("An export", () => {
  it("is the library, its documents with vectors, and what it came to, each as the schema says", async () => {
    const library = await fill(3);
    const response = await fetch(`${server.url}/v1/libraries/${library.id}/export`);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = (await response.text()).trimEnd().split("\n");
    const values = lines.map((line): unknown => JSON.parse(line));
    expect(values.map((value) => exportLine.parse(value))).toEqual(values);
    expect(values[0]).toEqual({ library: await library.info() });
    expect(values.at(-1)).toEqual({ summary: { documents: 3, chunks: 3, seq: 4 } });
    const [, second] = documentsOf(values.map((value) => exportLine.parse(value)));
    expect(second).toMatchObject({ title: "document 1", metadata: { number: 1 }, seq: 3 });
    const bytes = Buffer.from(second?.chunks[0]?.embedding ?? "", "base64");
    expect(bytes.readFloatLE(0)).toBeCloseTo(Math.cos(Math.PI / 180), 6);
    expect(bytes.readFloatLE(4)).toBeCloseTo(Math.sin(Math.PI / 180), 6);
  });

  it("of a library that is not there is refused", async () => {
    const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
    expect(await failureOf(client.library(absent).export().next())).toMatchObject({ code: "library_not_found" });
    expect(await failureOf(client.library("no-id").export().next())).toMatchObject({ code: "library_not_found" });
  });

  it("does not hinder writing, and does not show what was written meanwhile", async () => {
    const library = await fill(100, "y".repeat(100_000));
    const lines = library.export();
    const read: ExportLine[] = [];
    for await (const line of lines) {
      read.push(line);
      if (read.length === 2) await library.add(pointing("meanwhile"));
    }
    expect(documentsOf(read)).toHaveLength(100);
    expect(documentsOf(read).map(({ title }) => title)).not.toContain("meanwhile");
    expect((await library.info()).num_documents).toBe(101);
  });

  it("that is left makes room for others", async () => {
    const library = await fill(100, "z".repeat(100_000));
    for (let count = 0; count < 10; count++) {
      // A place is free a moment after its client has gone.
      await expect
        .poll(async () => {
          const lines = library.export();
          const { value } = await lines.next();
          await lines.return(undefined);
          return value !== undefined && "library" in value;
        })
        .toBe(true);
    }
  });

  it("that is cut off is not taken for a whole one", async () => {
    const library = await fill(100, "w".repeat(100_000));
    const proxy = await CuttingProxy.start(server.url);
    const cut = new ArrwClient({ url: proxy.url }).library(library.id).export();
    await cut.next();
    proxy.cut();
    const rest = async () => {
      for await (const _ of cut);
    };
    expect(await failureOf(rest())).toMatchObject({ code: "network" });
    await proxy[Symbol.asyncDispose]();
  });
});
