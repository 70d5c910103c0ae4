import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ingestionResponse, ingestionSummaryLine } from "@arrwdb/protocol/documents/ingestion";
import { document } from "@arrwdb/protocol/documents/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createLibrary, createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { line, problemOf, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";

let server: TestServer;
let libraryId: string;

beforeAll(async () => {
  server = await startServer();
  libraryId = (await createVectorLibrary(server.url)).id;
});
afterAll(() => server.stop());

const streamUrl = (id = libraryId) => uploadUrl(server.url, id);
const upload = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
  query = "",
  id = libraryId,
) => uploadTo(uploadUrl(server.url, id, query), body, headers);
const results = (body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}, query = "") =>
  resultsOf(upload(body, headers, query));

describe("A stream of documents", () => {
  it("answers each line in order, and good ones around bad ones are kept", async () => {
    const answer = await results([line({ title: "one" }), "", "{bad", "  \t\r", line({ title: "two" })].join("\n"));
    expect(answer).toMatchObject({
      successful: 2,
      failed: 1,
      results: [
        { line: 1, success: true, title: "one", num_chunks: 1 },
        { line: 3, success: false, error_code: "malformed_json", retryable: false },
        { line: 5, success: true, title: "two" },
      ],
    });
    const seqs = answer.results.flatMap((result) => (result.success ? [result.seq] : []));
    expect(seqs[1]).toBe((seqs[0] ?? 0) + 1);
    expect(answer.seq).toBe(seqs[1]);
  });

  it("keeps every field of a document", async () => {
    const input = {
      title: "Product Manual",
      chunks: [
        { text: "one", embedding: [1, 2, 3, 4], page_number: 7, metadata: { section: "intro" } },
        { text: "two", embedding: [4, 3, 2, 1] },
      ],
      author: "Team",
      document_type: "manual",
      source_url: "https://example.com/manual",
      tags: ["a", "b"],
      metadata: { kept: true, twice: "inside" },
      custom_field_1: "value1",
      twice: "beside",
      nested: { deep: { list: [1, "a", null] } },
    };
    const [result] = (await results(JSON.stringify(input))).results;
    if (result?.success !== true) throw new Error(JSON.stringify(result));
    const response = await fetch(`${server.url}/v1/libraries/${libraryId}/documents/${result.document_id}`);
    const body = z.object({ document, seq: z.number() }).parse(await response.json());
    expect(body.document).toMatchObject({
      title: "Product Manual",
      author: "Team",
      document_type: "manual",
      source_url: "https://example.com/manual",
      tags: ["a", "b"],
      metadata: { kept: true, twice: "beside", custom_field_1: "value1", nested: { deep: { list: [1, "a", null] } } },
      num_chunks: 2,
      seq: result.seq,
      chunks: [
        { chunk_index: 0, text: "one", page_number: 7, metadata: { section: "intro" } },
        { chunk_index: 1, text: "two", page_number: null, metadata: {} },
      ],
    });
  });

  it("takes a vector as base64 of float32 as well", async () => {
    const floats = new Float32Array([0.5, -1, 2, 0]);
    const embedding = Buffer.from(floats.buffer).toString("base64");
    expect(await results(line({ chunks: [{ text: "x", embedding }] }))).toMatchObject({ successful: 1 });
    const wrong = await results(
      [
        line({ chunks: [{ text: "x", embedding: embedding.slice(0, 8) }] }),
        line({ chunks: [{ text: "x", embedding: "%%%" }] }),
      ].join("\n"),
    );
    expect(wrong.results).toMatchObject([
      { error_code: "validation_failed", field: "chunks[0].embedding", error: expect.stringContaining("base64") },
      { error_code: "validation_failed", field: "chunks[0].embedding" },
    ]);
  });

  const compressions = {
    gzip: gzipSync,
    br: brotliCompressSync,
    zstd: zstdCompressSync,
    identity: (data: Buffer) => data,
  };
  for (const [encoding, compress] of Object.entries(compressions)) {
    it(`reads a body in ${encoding}`, async () => {
      const body = Array.from({ length: 300 }, (_, index) => line({ title: `${index}` })).join("\n");
      const answer = await results(Uint8Array.from(compress(Buffer.from(body))), { "content-encoding": encoding });
      expect(answer.successful).toBe(300);
      expect(answer.results.map((result) => result.line)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    });
  }

  for (const type of [
    "application/ndjson",
    "application/jsonl",
    "application/x-www-form-urlencoded",
    "application/x-ndjson; charset=utf-8",
  ]) {
    it(`takes ${type}`, async () => {
      expect(await results(line(), { "content-type": type })).toMatchObject({ successful: 1 });
    });
  }

  it("tells the library's position even where no line was committed", async () => {
    const { seq } = await results(line());
    expect(await results("x")).toMatchObject({ successful: 0, failed: 1, seq });
  });

  it("leaves good receipts out when only errors are asked for", async () => {
    const answer = await results([line(), "x", line()].join("\n"), {}, "?errors_only=true");
    expect(answer).toMatchObject({ successful: 2, failed: 1, results: [{ line: 2 }] });
  });

  it("sends each receipt while input still arrives", async () => {
    const input = new TransformStream<Uint8Array, Uint8Array>();
    const writer = input.writable.getWriter();
    const options: RequestInit & { readonly duplex: "half" } = {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson" },
      body: input.readable,
      duplex: "half",
    };
    const encode = (text: string) => writer.write(new TextEncoder().encode(text));
    const pending = fetch(streamUrl(), options);
    void encode(`${line({ title: "first" })}\n`);
    const response = await pending;
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    expect(JSON.parse(first?.value ?? "")).toMatchObject({ line: 1, success: true, title: "first" });
    void encode(line({ title: "second" }).slice(0, 10));
    void encode(line({ title: "second" }).slice(10));
    void writer.close();
    let rest = "";
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) rest += part.value;
    const [second, summary] = rest
      .trim()
      .split("\n")
      .map((text): unknown => JSON.parse(text));
    expect(second).toMatchObject({ line: 2, success: true, title: "second" });
    expect(ingestionSummaryLine.parse(summary).summary).toMatchObject({ successful: 2, failed: 0 });
  });

  it("refuses a document id that stands twice in one upload, and replaces it in the next", async () => {
    const id = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
    const answer = await results([line({ id, title: "a" }), line({ id: id.toUpperCase(), title: "b" })].join("\n"));
    expect(answer.results).toMatchObject([
      { success: true, document_id: id },
      { success: false, error_code: "duplicate_id", field: "id" },
    ]);
    expect((await results(line({ id, title: "c" }))).results).toMatchObject([
      { success: true, document_id: id, title: "c" },
    ]);
  });
});

describe("A bad upload", () => {
  it("of nothing", async () => {
    for (const body of ["", "\n\n  \n"])
      for (const accept of ["application/json", "application/x-ndjson"]) {
        const refused = await problemOf(await upload(body, { accept }));
        expect(refused).toMatchObject({ status: 400, code: "empty_body" });
      }
  });

  it("of another type", async () => {
    for (const type of ["application/json", "image/png", "multipart/form-data; boundary=x"]) {
      expect(await problemOf(await upload(line(), { "content-type": type }))).toMatchObject({
        status: 415,
        code: "unsupported_media_type",
        field: "content-type",
      });
    }
    // A stray quotation mark: the type cannot be parsed, and the answer still names the type of a stream.
    expect(await problemOf(await upload(line(), { "content-type": 'application/x-ndjson"' }))).toMatchObject({
      status: 415,
      field: "content-type",
      detail: expect.stringMatching("application/x-ndjson for"),
    });
    expect(await problemOf(await upload(line(), { "content-encoding": "lzma" }))).toMatchObject({
      status: 415,
      field: "content-encoding",
    });
  });

  it("to a library that is not there, or no library at all", async () => {
    expect(await problemOf(await upload(line(), {}, "", "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d"))).toMatchObject({
      status: 404,
      code: "library_not_found",
    });
    // What is no id is a name.
    expect(await problemOf(await upload(line(), {}, "", "nonsense"))).toMatchObject({
      status: 404,
      code: "library_not_found",
    });
  });

  it("with an unknown parameter", async () => {
    expect(await problemOf(await upload(line(), {}, "?foo=1"))).toMatchObject({ status: 422, field: "foo" });
    expect(await problemOf(await upload(line(), {}, "?errors_only=maybe"))).toMatchObject({
      status: 422,
      field: "errors_only",
    });
  });

  it("that is no gzip from its first byte", async () => {
    expect(await problemOf(await upload("not gzip", { "content-encoding": "gzip" }))).toMatchObject({
      status: 400,
      code: "invalid_encoding",
    });
  });

  it("whose gzip breaks off keeps the lines before, and tells why it ended", async () => {
    const random = (index: number) => createHash("sha512").update(`${index}`).digest("base64");
    const body = Array.from({ length: 2000 }, (_, index) => line({ title: random(index) })).join("\n");
    const compressed = gzipSync(body);
    const answer = await results(Uint8Array.from(compressed.subarray(0, compressed.length - 2000)), {
      "content-encoding": "gzip",
    });
    expect(answer.aborted).toMatchObject({ error_code: "invalid_encoding" });
    expect(answer.successful).toBeGreaterThan(0);
    expect(answer.failed).toBe(0);
    expect(answer.successful).toBeLessThan(2000);
  });

  it("whose client vanishes leaves whole documents and no half", async () => {
    const { id } = await createVectorLibrary(server.url);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const half = line({ title: "half" }).slice(0, 20);
    socket.write(
      `POST /v1/libraries/${id}/documents/stream HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\naccept: application/x-ndjson\r\ncontent-length: 100000\r\n\r\n${line({ title: "whole" })}\n${half}`,
    );
    await once(socket, "data");
    socket.destroy();
    await once(socket, "close");
    const response = await fetch(`${server.url}/v1/libraries/${id}/documents`);
    expect(await response.json()).toMatchObject({ documents: [{ title: "whole" }], seq: 2 });
  });

  const keys: readonly Readonly<Record<string, string>>[] = [{}, { "idempotency-key": "k" }];
  it.each(keys)("to a library that is deleted meanwhile ends with that reason %j", async (key) => {
    const { id } = await createVectorLibrary(server.url);
    const input = new TransformStream<Uint8Array, Uint8Array>();
    const writer = input.writable.getWriter();
    const options: RequestInit & { readonly duplex: "half" } = {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson", ...key },
      body: input.readable,
      duplex: "half",
    };
    const pending = fetch(streamUrl(id), options);
    const send = (text: string) => void writer.write(new TextEncoder().encode(text)).catch(() => undefined);
    send(`${line()}\n`);
    const response = await pending;
    expect((await fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE" })).status).toBe(200);
    send(`${line()}\n`);
    const lines = (await response.text())
      .trim()
      .split("\n")
      .map((text): unknown => JSON.parse(text));
    expect(lines).toMatchObject([
      { line: 1, success: true },
      { line: 2, success: false, error_code: "library_deleted" },
      { summary: { successful: 1, failed: 1, aborted: { error_code: "library_deleted" } } },
    ]);
  });
});

describe("Texts", () => {
  it("are embedded, each document apart, even with the same text", async () => {
    const { id } = await createLibrary(server.url);
    const body = ["A cat sleeps on the sofa", "Stock prices fell sharply today", "A cat sleeps on the sofa"].map(
      (text, index) => JSON.stringify({ title: `${index}`, texts: [text] }),
    );
    expect(ingestionResponse.parse(await (await upload(body.join("\n"), {}, "", id)).json()).successful).toBe(3);
    const response = await fetch(`${server.url}/v1/libraries/${id}/search/stream`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "a kitten naps", k: 3 }),
    });
    expect(await response.json()).toMatchObject({
      results: [{ document: { title: "0" } }, { document: { title: "2" } }, { document: { title: "1" } }],
      exact: true,
    });
  });
});
