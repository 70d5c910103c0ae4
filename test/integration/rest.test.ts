import {
  documentDeleted,
  documentWritten,
  library,
  libraryDeleted,
  libraryList,
} from "@arrwdb/protocol/documents/model";
import { documentList } from "@arrwdb/protocol/documents/document-queries";
import { problem } from "@arrwdb/protocol/errors/problem";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLibrary,
  createVectorLibrary,
  post,
  startServer,
  type TestServer,
} from "../support/server/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";

async function send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } }),
  });
  const value: unknown = await response.json();
  return { status: response.status, value, headers: response.headers };
}

async function refused(method: string, path: string, body?: unknown) {
  const { status, value, headers } = await send(method, path, body);
  expect(headers.get("content-type")).toContain("application/problem+json");
  const parsed = problem.parse(value);
  expect(parsed.status).toBe(status);
  return parsed;
}

const entry = (changes: Readonly<Record<string, unknown>> = {}) => ({
  title: "T",
  chunks: [{ text: "x", embedding: [1, 0, 0, 0] }],
  ...changes,
});

describe("Libraries over HTTP", () => {
  it("are created, read, changed, listed and deleted", async () => {
    const created = await send("POST", "/v1/libraries", { name: "Notes", description: "Mine" });
    expect(created.status).toBe(201);
    const one = library.parse(created.value);
    expect(one).toMatchObject({
      name: "Notes",
      description: "Mine",
      embedding_model: "builtin",
      dimension: 512,
      seq: 1,
      num_documents: 0,
    });
    expect(created.headers.get("location")).toBe(`/v1/libraries/${one.id}`);
    expect((await send("GET", `/v1/libraries/${one.id}`)).value).toEqual(one);
    const patched = await send("PATCH", `/v1/libraries/${one.id}`, { description: null });
    expect(patched.value).toEqual({ ...one, description: null, seq: 2 });
    const ids: string[] = [];
    let path = "/v1/libraries?limit=1";
    for (;;) {
      const page = libraryList.parse((await send("GET", path)).value);
      ids.push(...page.libraries.map(({ id }) => id));
      if (page.next_cursor === null) break;
      path = `/v1/libraries?limit=1&cursor=${page.next_cursor}`;
    }
    expect(ids).toContain(one.id);
    expect(libraryDeleted.parse((await send("DELETE", `/v1/libraries/${one.id}`)).value)).toEqual({
      deleted: true,
      id: one.id,
      seq: 3,
    });
    expect(await refused("GET", `/v1/libraries/${one.id}`)).toMatchObject({ status: 404, code: "library_not_found" });
  });

  it("fix model and dimension at creation, and tell both numbers where they do not fit", async () => {
    expect(await refused("POST", "/v1/libraries", { name: "x", dimension: 1024 })).toMatchObject({
      code: "dimension_mismatch",
      field: "dimension",
      detail: expect.stringMatching(/1024.*512/),
    });
    expect(await refused("POST", "/v1/libraries", { name: "x", embedding_model: "none" })).toMatchObject({
      code: "validation_failed",
      field: "dimension",
    });
    expect(
      await refused("POST", "/v1/libraries", { name: "x", embedding_model: "cohere:embed-english-v3.0" }),
    ).toMatchObject({
      status: 503,
      code: "embedder_unavailable",
      field: "embedding_model",
      detail: expect.stringContaining("ARRWDB_EMBEDDING"),
    });
    expect(await createLibrary(server.url, { embedding_model: "none", dimension: 3 })).toMatchObject({
      embedding_model: "none",
      dimension: 3,
    });
    const { id } = await createVectorLibrary(server.url);
    expect(await refused("PATCH", `/v1/libraries/${id}`, { dimension: 3 })).toMatchObject({
      code: "validation_failed",
      field: "dimension",
    });
  });

  const badRequests: Readonly<Record<string, readonly [unknown, string | undefined]>> = {
    "no name": [{}, "name"],
    "an empty name": [{ name: "" }, "name"],
    "a name that is no text": [{ name: 3 }, "name"],
    "an unknown field": [{ name: "x", color: "red" }, "color"],
    "a dimension of 0": [{ name: "x", embedding_model: "none", dimension: 0 }, "dimension"],
    "a dimension of 1.5": [{ name: "x", embedding_model: "none", dimension: 1.5 }, "dimension"],
    "a dimension of 10^9": [{ name: "x", embedding_model: "none", dimension: 1e9 }, "dimension"],
    "another index": [{ name: "x", index: { type: "magic" } }, "index.type"],
    "an array": [[], undefined],
  };
  for (const [name, [body, field]] of Object.entries(badRequests)) {
    it(`are refused with ${name}`, async () => {
      const answer = await refused("POST", "/v1/libraries", body);
      expect(answer).toMatchObject({ status: 422, code: "validation_failed", retryable: false });
      expect(answer.field).toBe(field);
    });
  }
});

describe("Documents over HTTP", () => {
  it("are added, put, read, listed and deleted", async () => {
    const { id } = await createVectorLibrary(server.url);
    const base = `/v1/libraries/${id}/documents`;
    const added = await send("POST", base, entry({ title: "first", year: 2020 }));
    expect(added.status).toBe(201);
    const { document, seq } = documentWritten.parse(added.value);
    expect(document).toMatchObject({ title: "first", metadata: { year: 2020 }, seq: 2 });
    expect(seq).toBe(2);
    expect(added.headers.get("location")).toBe(`${base}/${document.id}`);

    const put = await send("PUT", `${base}/${document.id}`, entry({ title: "replaced" }));
    expect([put.status, documentWritten.parse(put.value).document.created_at]).toEqual([200, document.created_at]);
    expect((await send("PUT", `${base}/${absent}`, entry())).status).toBe(201);
    expect(await refused("PUT", `${base}/${absent}`, entry({ id: document.id }))).toMatchObject({ field: "id" });

    expect((await send("GET", `${base}/${document.id}`)).value).toMatchObject({
      document: { title: "replaced", text: "x", chunks: [{ text: "x" }] },
      seq: 4,
    });
    const list = documentList.parse((await send("GET", `${base}?limit=1`)).value);
    expect(list.documents.map(({ title }) => title)).toEqual(["replaced"]);
    const next = documentList.parse((await send("GET", `${base}?limit=1&cursor=${list.next_cursor}`)).value);
    expect(next).toMatchObject({ documents: [{ id: absent }], next_cursor: null, seq: 4 });

    expect(documentDeleted.parse((await send("DELETE", `${base}/${document.id}`)).value)).toEqual({
      deleted: true,
      document_id: document.id,
      seq: 5,
    });
    expect(await refused("DELETE", `${base}/${document.id}`)).toMatchObject({
      status: 404,
      code: "document_not_found",
    });
    expect(await refused("GET", `${base}/${document.id}`)).toMatchObject({ status: 404, code: "document_not_found" });
    expect(await refused("GET", `${base}?cursor=nonsense`)).toMatchObject({
      status: 422,
      code: "invalid_cursor",
      field: "cursor",
    });
    for (const limit of ["0", "-1", "x", "1.5", "100000"])
      expect(await refused("GET", `${base}?limit=${limit}`)).toMatchObject({ field: "limit" });
  });
});

describe("Search over HTTP", () => {
  let id: string;
  beforeAll(async () => {
    id = (await createVectorLibrary(server.url)).id;
    const vectors = [
      [1, 0, 0, 0],
      [0.9, 0.1, 0, 0],
      [0, 1, 0, 0],
      [-1, 0, 0, 0],
    ];
    for (const [index, embedding] of vectors.entries()) {
      await post(`${server.url}/v1/libraries/${id}/documents`, {
        title: `D${index}`,
        author: index % 2 === 0 ? "even" : "odd",
        year: 2000 + index,
        tags: ["t", `t${index}`],
        chunks: [{ text: `text ${index}`, embedding, page_number: index }],
      });
    }
  });

  const search = async (body: Readonly<Record<string, unknown>>) =>
    searchResponse.parse(
      (await send("POST", `/v1/libraries/${id}/search/stream`, { embedding: [1, 0, 0, 0], ...body })).value,
    );

  it("answers in the shape of the guide, and more", async () => {
    const { results, total, seq, exact, took_ms } = await search({ k: 2 });
    expect({ total, seq, exact }).toEqual({ total: 2, seq: 5, exact: true });
    expect(took_ms).toBeGreaterThanOrEqual(0);
    expect(results[0]).toMatchObject({
      rank: 1,
      text: "text 0",
      metadata: { page_number: 0, chunk_index: 0, source_document_id: results[0]?.document_id },
      document: {
        title: "D0",
        author: "even",
        document_type: null,
        source_url: null,
        tags: ["t", "t0"],
        metadata: { year: 2000 },
      },
    });
    expect(results[0]?.distance).toBeCloseTo(0, 6);
    expect(results[1]).toMatchObject({ rank: 2, text: "text 1" });
  });

  it("has k 10 by default, and both addresses answer the same", async () => {
    const one = await search({});
    const two = searchResponse.parse(
      (await send("POST", `/v1/libraries/${id}/search`, { embedding: [1, 0, 0, 0] })).value,
    );
    expect(one.results).toEqual(two.results);
    expect(one.total).toBe(4);
  });

  it("keeps to the threshold and to the filter", async () => {
    expect((await search({ distance_threshold: 0.5 })).results.map(({ text }) => text)).toEqual(["text 0", "text 1"]);
    expect(
      (await search({ distance_threshold: null, metadata_filter: { author: "odd" } })).results.map(({ text }) => text),
    ).toEqual(["text 1", "text 3"]);
    expect(
      (await search({ metadata_filter: { $or: [{ year: { $gte: 2003 } }, { tags: "t2" }] } })).results.map(
        ({ text }) => text,
      ),
    ).toEqual(["text 2", "text 3"]);
  });

  it("sends a hit a line where that is asked for", async () => {
    const response = await post(
      `${server.url}/v1/libraries/${id}/search`,
      { embedding: [1, 0, 0, 0], k: 2 },
      { accept: "application/x-ndjson" },
    );
    expect(response.headers.get("content-type")).toContain("application/x-ndjson");
    const lines = (await response.text())
      .trim()
      .split("\n")
      .map((text): unknown => JSON.parse(text));
    expect(lines).toMatchObject([{ rank: 1 }, { rank: 2 }, { summary: { total: 2, seq: 5, exact: true } }]);
  });

  it("refuses an answer that would be too large, with the number of hits that fit", async () => {
    const { id: large } = await createVectorLibrary(server.url, 2);
    const chunks = Array.from({ length: 100 }, () => ({ text: "x".repeat(100_000), embedding: [1, 0] }));
    for (let index = 0; index < 7; index++) {
      expect((await send("POST", `/v1/libraries/${large}/documents`, { title: "T", chunks })).status).toBe(201);
    }
    const answer = await refused("POST", `/v1/libraries/${large}/search`, { embedding: [1, 0], k: 1000 });
    expect(answer).toMatchObject({ status: 422, code: "answer_too_large", field: "k" });
    const fitting = Number(/request at most (\d+) hits/.exec(answer.detail)?.[1]);
    expect(fitting).toBeGreaterThan(600);
    const response = await send("POST", `/v1/libraries/${large}/search`, { embedding: [1, 0], k: fitting });
    expect(response.value).toMatchObject({ total: fitting });
  });

  const nestedFilter = (depth: number): unknown => (depth === 0 ? { a: 1 } : { $not: nestedFilter(depth - 1) });
  const bad: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, string]>> = {
    "k of 0": [{ k: 0 }, "k"],
    "k of -1": [{ k: -1 }, "k"],
    "k of 1.5": [{ k: 1.5 }, "k"],
    "k of 10^9": [{ k: 1e9 }, "k"],
    'k of "10"': [{ k: "10" }, "k"],
    "a threshold of 3": [{ distance_threshold: 3 }, "distance_threshold"],
    "a threshold of text": [{ distance_threshold: "0.5" }, "distance_threshold"],
    "query beside embedding": [{ query: "x" }, "query"],
    "a vector of zeros": [{ embedding: [0, 0, 0, 0] }, "embedding"],
    "a vector of another length": [{ embedding: [1] }, "embedding"],
    "a vector of text": [{ embedding: ["1", "2", "3", "4"] }, "embedding"],
    "text in a library of vectors": [{ embedding: undefined, query: "x" }, "embedding"],
    "an unknown field": [{ top_k: 3 }, "top_k"],
    "an unknown mode": [{ mode: "semantic" }, "mode"],
    "words without words": [{ mode: "text" }, "query"],
    "both without words": [{ mode: "hybrid" }, "query"],
    "a vector beside words alone": [{ mode: "text", query: "x" }, "embedding"],
    "a threshold beside words alone": [
      { mode: "text", query: "x", embedding: undefined, distance_threshold: 1 },
      "distance_threshold",
    ],
    "a weight without two sides": [{ vector_weight: 0.5 }, "vector_weight"],
    "a weight beyond 1": [{ mode: "hybrid", query: "x", vector_weight: 1.5 }, "vector_weight"],
    "both without a vector in a library of vectors": [
      { mode: "hybrid", query: "x", embedding: undefined },
      "embedding",
    ],
    "an unknown operator": [{ metadata_filter: { a: { $near: 1 } } }, "metadata_filter.a.$near"],
    "an operator by itself": [{ metadata_filter: { $eq: 1 } }, "metadata_filter.$eq"],
    "$in without an array": [{ metadata_filter: { a: { $in: 1 } } }, "metadata_filter.a.$in"],
    "a filter that is an array": [{ metadata_filter: [] }, "metadata_filter"],
    "a filter nested 1,000 deep": [{ metadata_filter: nestedFilter(1000) }, "metadata_filter"],
  };
  for (const [name, [body, field]] of Object.entries(bad)) {
    it(`refuses ${name}`, async () => {
      const answer = await refused("POST", `/v1/libraries/${id}/search/stream`, { embedding: [1, 0, 0, 0], ...body });
      expect(answer.status).toBe(422);
      expect(answer.field?.startsWith(field)).toBe(true);
      expect(answer.detail).toContain(field);
    });
  }
});

describe("Any address", () => {
  const raw = (path: string, init: RequestInit) =>
    fetch(`${server.url}${path}`, init).then(async (response) => problem.parse(await response.json()));

  it("names what is wrong with a body", async () => {
    const json = { "content-type": "application/json" };
    expect(await raw("/v1/libraries", { method: "POST", headers: json, body: "{oops" })).toMatchObject({
      status: 400,
      code: "malformed_json",
    });
    expect(
      await raw("/v1/libraries", { method: "POST", headers: json, body: '{"name":"x","__proto__":{}}' }),
    ).toMatchObject({ code: "validation_failed", field: "__proto__" });
    expect(
      await raw("/v1/libraries", { method: "POST", headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) }),
    ).toMatchObject({ code: "malformed_json", detail: expect.stringContaining("UTF-8") });
    expect(await raw("/v1/libraries", { method: "POST", headers: json, body: "" })).toMatchObject({
      code: "empty_body",
    });
    expect(
      await raw("/v1/libraries", { method: "POST", headers: { "content-type": "text/xml" }, body: "<a/>" }),
    ).toMatchObject({ status: 415, field: "content-type" });
    expect(
      await raw("/v1/libraries", { method: "POST", headers: { ...json, "content-encoding": "lzma" }, body: "{}" }),
    ).toMatchObject({ status: 415, field: "content-encoding" });
    expect(
      await raw("/v1/libraries", { method: "POST", headers: json, body: "x".repeat(17 * 1024 * 1024) }),
    ).toMatchObject({ status: 413, code: "body_too_large" });
  });

  it("names an address that is not there", async () => {
    expect(await refused("GET", "/v1/nothing")).toMatchObject({ status: 404, code: "route_not_found" });
    expect(await refused("GET", "/v1/libraries/%zz")).toMatchObject({ status: 404, code: "route_not_found" });
    expect(await refused("GET", "/v1/libraries/nonsense")).toMatchObject({ status: 404, code: "library_not_found" });
    expect(await refused("GET", `/v1/libraries/${absent}/ws`)).toMatchObject({ status: 426, code: "upgrade_required" });
  });

  it("takes a deletion that names a type for the body it does not have", async () => {
    const { id } = await createVectorLibrary(server.url);
    const headers = { "content-type": "application/json" };
    expect((await fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE", headers })).status).toBe(200);
  });

  it("reads nothing into the encoding of a body that is not there", async () => {
    const { id } = await createVectorLibrary(server.url);
    const headers = { "content-encoding": "gzip" };
    for (const method of ["GET", "DELETE"]) {
      expect((await fetch(`${server.url}/v1/libraries/${id}`, { method, headers })).status).toBe(200);
    }
  });

  it("tells in words what stands where an object should", async () => {
    for (const [body, kind] of [
      [[], "an array"],
      ["x", "a string"],
      [null, "null"],
    ] as const) {
      expect((await refused("POST", "/v1/libraries", body)).detail).toBe(
        `The request must be an object, but is ${kind}`,
      );
    }
  });

  it("is alive, ready, and gives every answer an id", async () => {
    expect((await send("GET", "/health")).value).toEqual({ status: "ok" });
    const { value, headers } = await send("GET", "/ready");
    expect(value).toEqual({ status: "ready" });
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});
