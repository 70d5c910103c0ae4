import { gzipSync } from "node:zlib";
import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { limits } from "@arrwdb/protocol/limits";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { line, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";

let server: TestServer;
let libraryId: string;

beforeAll(async () => {
  server = await startServer();
  libraryId = (await createVectorLibrary(server.url)).id;
});
afterAll(() => server.stop());

const streamUrl = () => uploadUrl(server.url, libraryId);
const results = (body: string | Uint8Array<ArrayBuffer>) => resultsOf(uploadTo(streamUrl(), body));

const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
const quoted = (text: string) => line({ title: "@" }).replace("@", text);

const badLines: Readonly<Record<string, readonly [string, string, string | undefined]>> = {
  "malformed JSON": ['{"title": ', "malformed_json", undefined],
  NaN: ['{"title": "x", "texts": ["y"], "score": NaN}', "malformed_json", undefined],
  "a number that is no float32": [
    line({ chunks: [{ text: "x", embedding: [1e300, 0, 0, 0] }] }),
    "validation_failed",
    "chunks[0].embedding",
  ],
  "a number that overflows": [line().replace("[1,0,0,0]", "[1e999,0,0,0]"), "validation_failed", "chunks[0].embedding"],
  "infinite metadata": [line().replace('"title":"T"', '"title":"T","n":1e999'), "validation_failed", "n"],
  "a lone surrogate": [quoted("\\ud800"), "validation_failed", "title"],
  "a NUL character": [quoted("a\\u0000b"), "validation_failed", "title"],
  "a NUL byte": [quoted("a\u0000b"), "malformed_json", undefined],
  "an array": ["[1, 2]", "validation_failed", undefined],
  "a string": ['"text"', "validation_failed", undefined],
  "a number as the title": [line({ title: 7 }), "validation_failed", "title"],
  "an empty tag": [line({ tags: "" }), "validation_failed", "tags"],
  "a number as tags": [line({ tags: 7 }), "validation_failed", "tags"],
  "an empty tag in a list": [line({ tags: ["a", ""] }), "validation_failed", "tags[1]"],
  "no text": [JSON.stringify({ title: "x" }), "validation_failed", "texts"],
  "empty texts": [JSON.stringify({ title: "x", texts: [] }), "validation_failed", "texts"],
  "an empty text": [JSON.stringify({ title: "x", texts: ["a", ""] }), "validation_failed", "texts[1]"],
  "texts beside chunks": [line({ texts: ["a"] }), "validation_failed", "chunks"],
  "a text without a vector": [
    JSON.stringify({ title: "x", texts: ["a"] }),
    "text_not_searchable",
    "chunks[0].embedding",
  ],
  "a vector of another length": [
    line({ chunks: [{ text: "x", embedding: [1, 2] }] }),
    "dimension_mismatch",
    "chunks[0].embedding",
  ],
  "a vector of zeros": [
    line({ chunks: [{ text: "x", embedding: [0, 0, 0, 0] }] }),
    "validation_failed",
    "chunks[0].embedding",
  ],
  "an unknown field of a chunk": [
    line({ chunks: [{ text: "x", embedding: [1, 0, 0, 0], foo: 1 }] }),
    "validation_failed",
    "chunks[0].foo",
  ],
  "100,000 tags": [line({ tags: Array.from({ length: 100_000 }, () => "t") }), "validation_failed", "tags"],
  "metadata of 100,000 characters": [
    line({ metadata: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`m${index}`, "x".repeat(9_999)])) }),
    "validation_failed",
    "metadata.m6",
  ],
  "metadata nested 1,000 deep": [line({ metadata: nested(1000) }), "validation_failed", `metadata${".a".repeat(32)}`],
  "metadata nested 100,000 deep": [
    line().replace('"title"', `"metadata":${'{"a":['.repeat(50_000)}${"]}".repeat(50_000)},"title"`),
    "validation_failed",
    `metadata${".a[0]".repeat(16)}`,
  ],
  "metadata nested 100,000 deep with an integer of many digits": [
    line().replace('"title"', `"metadata":{"a":${"[".repeat(100_000)}12345678901234567${"]".repeat(100_000)}},"title"`),
    "malformed_json",
    undefined,
  ],
  "a custom field nested 1,000 deep": [line({ custom: nested(1000) }), "validation_failed", `custom${".a".repeat(31)}`],
  "arrays nested 1,000 deep": [
    line({ x: JSON.parse("[".repeat(1000) + "]".repeat(1000)) }),
    "validation_failed",
    `x${"[0]".repeat(31)}`,
  ],
  "1,001 values in arrays of objects": [
    line({ metadata: { a: Array.from({ length: 500 }, () => ({ b: 1 })) } }),
    "validation_failed",
    "metadata.a[499].b",
  ],
  "a name of 201 characters in an array": [
    line({ metadata: { a: [{ ["n".repeat(201)]: 1 }] } }),
    "validation_failed",
    `metadata.a[0].${"n".repeat(100)}…`,
  ],
  "a NUL in an array": [line({ a: [["x\u0000"]] }), "validation_failed", "a[0][0]"],
  "an id that is a number": [line({ id: 12 }), "validation_failed", "id"],
  "an id of 513 bytes": [line({ id: "x".repeat(513) }), "validation_failed", "id"],
  "an empty id": [line({ id: "" }), "validation_failed", "id"],
  "a text of 200,000 characters": [
    JSON.stringify({ title: "x", texts: ["y".repeat(200_000)] }),
    "validation_failed",
    "texts[0]",
  ],
};

describe("A bad line costs itself alone", () => {
  for (const [name, [bad, code, field]] of Object.entries(badLines)) {
    it(name, async () => {
      const answer = await results([line(), bad, line()].join("\n"));
      expect(answer).toMatchObject({ successful: 2, failed: 1 });
      expect(answer.results[1]).toMatchObject({ line: 2, success: false, error_code: code, retryable: false });
      if (field !== undefined)
        expect(answer.results[1]).toMatchObject({ field, error: expect.stringContaining(field) });
    });
  }

  it("invalid UTF-8", async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${line()}\n{"title":"`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`"}\n${line()}`),
    ]);
    const answer = await results(Uint8Array.from(bytes));
    expect(answer).toMatchObject({
      successful: 2,
      results: [{}, { line: 2, error_code: "malformed_json", error: expect.stringContaining("UTF-8") }, {}],
    });
  });

  it("400 MB in one line, without growing by half as much", async () => {
    const before = process.memoryUsage().rss;
    let largest = 0;
    const megabyte = new Uint8Array(1024 * 1024).fill(0x61);
    let sent = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        largest = Math.max(largest, process.memoryUsage().rss);
        if (sent === 0) controller.enqueue(new TextEncoder().encode(`${line()}\n`));
        if (sent++ < 400) return controller.enqueue(megabyte);
        controller.enqueue(new TextEncoder().encode(`\n${line()}`));
        controller.close();
      },
    });
    const options: RequestInit & { readonly duplex: "half" } = {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body,
      duplex: "half",
    };
    const answer = ingestionResponse.parse(await (await fetch(streamUrl(), options)).json());
    expect(answer.results).toMatchObject([
      { line: 1, success: true },
      { line: 2, error_code: "line_too_large" },
      { line: 3, success: true },
    ]);
    expect(largest - before).toBeLessThan(200 * 1024 * 1024);
  });

  it("a bomb of zeros that a few kilobytes unpack to", async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(`${line()}\n`), Buffer.alloc(400 * 1024 * 1024)]));
    expect(bomb.length).toBeLessThan(500 * 1024);
    const headers = { "content-type": "application/x-ndjson", "content-encoding": "gzip" };
    const response = await fetch(streamUrl(), { method: "POST", headers, body: bomb });
    const answer = ingestionResponse.parse(await response.json());
    expect(answer.results).toMatchObject([{ success: true }, { line: 2, error_code: "line_too_large" }]);
  });

  it("a line without an end", async () => {
    const answer = await results(`${line()}\n${"a".repeat(limits.lineBytes + 1)}`);
    expect(answer.results).toMatchObject([{ success: true }, { line: 2, error_code: "line_too_large" }]);
  });
});
