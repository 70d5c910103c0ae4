import { documentWritten } from "@arrwdb/protocol/documents/model";
import { documentsPatched, patchLine } from "@arrwdb/protocol/documents/document-patches";
import { problem } from "@arrwdb/protocol/errors/problem";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { failureOf, take } from "../support/peers/test-client.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;
let library: LibraryHandle;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
});
afterAll(async () => {
  client.close();
  await server.stop();
});
beforeEach(async () => {
  library = client.library((await createVectorLibrary(server.url)).id);
});

const id = "https://a.b/c";
const input = {
  id,
  title: "T",
  author: "Ada",
  chunks: [{ text: "x", embedding: [1, 0, 0, 0] }],
  metadata: { a: { b: 1 } },
};

async function send(body: unknown, type = "application/json", method = "PATCH") {
  const path = `/v1/libraries/${library.id}/documents/${encodeURIComponent(id)}`;
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { "content-type": type },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, value: await response.json() };
}

describe("PATCH of a document", () => {
  it("takes both types of content, merges, and answers with the document", async () => {
    const { document: before } = await library.add(input);
    const patched = await send(
      { author: null, year: 2026, metadata: { a: { c: [null] } } },
      "application/merge-patch+json",
    );
    const { document, seq } = documentWritten.parse(patched.value);
    expect([patched.status, seq]).toEqual([200, before.seq + 1]);
    expect(document).toEqual({
      ...before,
      author: null,
      metadata: { a: { b: 1, c: [null] }, year: 2026 },
      updated_at: document.updated_at,
      seq,
    });
    const cleared = documentWritten.parse((await send({ metadata: null, tags: ["x"] })).value);
    expect(cleared.document).toMatchObject({ metadata: {}, tags: ["x"], seq: seq + 1 });
    const again = documentWritten.parse((await send({ tags: ["x"] })).value);
    expect(again).toEqual(cleared);
    expect(documentWritten.parse((await send({})).value)).toEqual(cleared);
    const { chunks } = await library.get(id);
    expect(chunks).toMatchObject([{ text: "x" }]);
  });

  it("refuses what it cannot change, and says what to do", async () => {
    await library.add(input);
    const refusals = [
      [{ texts: ["y"] }, "texts", /PUT the whole document/],
      [{ chunks: [] }, "chunks", /PUT the whole document/],
      [{ text: null }, "text", /PUT the whole document/],
      [{ id: "other" }, "id", /cannot be changed/],
      [{ seq: 3 }, "seq", /set by the server.*inside "metadata"/],
      [{ created_at: null }, "created_at", /set by the server/],
      [{ title: 3 }, "title", /must be a string/],
      [{ tags: "x".repeat(300) }, "tags", /./],
      [{ metadata: [] }, "metadata", /must be an object/],
      [{ metadata: { a: "x".repeat(100_000) } }, "metadata.a", /characters/],
      [{ if_seq: -1 }, "if_seq", /negative/],
    ] as const;
    for (const [body, field, message] of refusals) {
      const { status, value } = await send(body);
      expect([status, problem.parse(value)]).toMatchObject([
        422,
        { code: "validation_failed", field, detail: expect.stringMatching(message) },
      ]);
    }
    for (const body of ["[]", '"x"', "null"]) expect((await send(body)).status).toBe(422);
    expect(problem.parse((await send("{")).value).code).toBe("malformed_json");
    const put = await send(input, "application/merge-patch+json", "PUT");
    expect(problem.parse(put.value)).toMatchObject({ code: "unsupported_media_type", detail: /for PATCH/ });
    expect((await library.get(id)).seq).toBe(2);
    // A custom field of a name that the server has is the user's, inside metadata.
    const { document } = await library.patch(id, { metadata: { seq: "mine" } });
    expect(document.metadata).toEqual({ a: { b: 1 }, seq: "mine" });
  });

  it("names a document, or has its title made from the text again", async () => {
    await library.add({ ...input, title: undefined });
    expect(await library.patch(id, { title: "x" })).toMatchObject({
      document: { title: "x", title_generated: false },
      seq: 3,
    });
    expect(await library.patch(id, { title: "" })).toMatchObject({
      document: { title: "x", title_generated: true },
      seq: 4,
    });
    expect(await library.patch(id, { title: null })).toMatchObject({ document: { title_generated: true }, seq: 4 });
    expect(await library.patch(id, { author: null })).toMatchObject({ document: { title_generated: true }, seq: 5 });
  });

  it("patches names that are odd, and no prototype", async () => {
    await library.add(input);
    const { document } = documentWritten.parse(
      (await send('{"__proto__": {"x": 1}, "metadata": {"constructor": 1}}')).value,
    );
    expect(Object.entries(document.metadata)).toEqual([
      ["a", { b: 1 }],
      ["constructor", 1],
      ["__proto__", { x: 1 }],
    ]);
    expect(Reflect.get({}, "x")).toBeUndefined();
  });

  it("needs the document, and its seq if one is named", async () => {
    expect(problem.parse((await send({ title: "x" })).value).code).toBe("document_not_found");
    const { seq } = await library.add(input);
    expect(await failureOf(library.patch(id, { title: "x", if_seq: seq + 1 }))).toMatchObject({
      code: "seq_mismatch",
      currentSeq: seq,
    });
    // JSON would make it null, which removes the field.
    expect(await failureOf(library.patch(id, { metadata: { year: NaN } }))).toMatchObject({
      code: "validation_failed",
    });
    expect(await library.patch(id, { title: "x", if_seq: seq })).toMatchObject({
      document: { title: "x" },
      seq: seq + 1,
    });
  });

  it("works over the WebSocket, where the response precedes the event and live queries tell of it", async () => {
    await library.add(input);
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    await socket.request("subscribe", { metadata_filter: { year: 2026 } });
    const watched = await socket.request("subscribe", { query: { embedding: [1, 0, 0, 0], k: 3 } });
    const filtered = await socket.request("subscribe", {
      query: { embedding: [1, 0, 0, 0], k: 3, metadata_filter: { year: { $exists: false } } },
    });
    const patched = await socket.request("patch", { document_id: id, patch: { year: 2026 } }, "p1");
    expect(patched).toMatchObject({ success: true, data: { document: { metadata: { year: 2026 } }, seq: 3 } });
    const place = { document_id: id, rank: 1 };
    const stayed = { changed: [place], entered: [], left: [], moved: [], seq: 3 };
    const told = await socket.wait(({ subscription_id }) => subscription_id === watched.data?.["subscription_id"]);
    expect(told).toMatchObject({ ...stayed, results: [{ document: { metadata: { year: 2026 } } }] });
    const gone = await socket.wait(({ subscription_id }) => subscription_id === filtered.data?.["subscription_id"]);
    expect(gone).toMatchObject({ left: [{ document_id: id, previous_rank: 1 }], changed: [], results: [] });
    const event = await socket.wait(({ type }) => type === "document.updated");
    expect(event).toMatchObject({ seq: 3, data: { document_id: id } });
    const order = socket.messages.map((message) =>
      message.type === "response" ? message["request_id"] : message.type,
    );
    expect(order.indexOf("p1")).toBeLessThan(order.indexOf("document.updated"));
    expect(await socket.request("patch", { document_id: id, patch: { texts: [] } })).toMatchObject({
      error_code: "validation_failed",
      field: "patch.texts",
    });
    await socket.close();
  });

  it("by filter reaches all that pass, over HTTP, the WebSocket and with the client", async () => {
    const made = Array.from({ length: 300 }, (_each, index) => ({
      title: `D${index}`,
      index,
      chunks: [{ text: "x", embedding: [1, 0, 0, 0] }],
    }));
    for await (const result of library.ingest(made, { inFlight: 1 })) expect(result.success).toBe(true);
    const address = `${server.url}/v1/libraries/${library.id}/documents/patch`;
    const author = { author: "Ada" };
    const json = await post(address, { metadata_filter: { index: { $lt: 100 } }, patch: author });
    expect(documentsPatched.parse(await json.json())).toEqual({ patched: 100, failed: 0, seq: 401 });
    const headers = { accept: "application/x-ndjson" };
    const streamed = await post(address, { metadata_filter: { index: { $lt: 200 } }, patch: author }, headers);
    const lines = (await streamed.text()).trimEnd().split("\n");
    const summary = { patched: 100, failed: 0, seq: 501 };
    expect(lines.map((line) => patchLine.parse(JSON.parse(line))).at(-1)).toEqual({ summary });
    const progress: number[] = [];
    const onProgress = ({ patched }: { patched: number }) => progress.push(patched);
    const patched = await library.patchMatching({ index: { $lt: 290 } }, author, { onProgress });
    expect([patched, progress.at(-1)]).toEqual([{ patched: 90, failed: 0, seq: 591 }, 90]);
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    expect(await socket.request("patch", { metadata_filter: { index: { $gte: 290 } }, patch: author })).toMatchObject({
      data: { patched: 10, failed: 0, seq: 601 },
    });
    expect(await library.count({ author: "Ada" })).toMatchObject({ documents: 300 });
    for (const request of [{ metadata_filter: {} }, {}]) {
      const refused = await post(address, { ...request, patch: author });
      expect(problem.parse(await refused.json())).toMatchObject({ code: "confirmation_required", field: "confirm" });
    }
    const ofOne = { metadata_filter: author, patch: { if_seq: 3, tags: ["x"] } };
    expect(problem.parse(await (await post(address, ofOne)).json())).toMatchObject({ field: "patch.if_seq" });
    expect(await socket.request("patch", ofOne)).toMatchObject({ field: "patch.if_seq" });
    expect(await socket.request("patch", { patch: author })).toMatchObject({ field: "document_id" });
    const everyone = await post(address, { confirm: "all", patch: { author: null } });
    expect(documentsPatched.parse(await everyone.json())).toEqual({ patched: 300, failed: 0, seq: 901 });
    const { events } = await library.eventPage({ from_seq: 899 });
    expect(events.map(({ type }) => type)).toEqual(["document.updated", "document.updated"]);
    await socket.close();
  });

  it("is seen by events, searches, the export and a live query of the client", async () => {
    await library.add(input);
    const live = library.live({ embedding: [1, 0, 0, 0], k: 3 });
    await take(live, 1);
    await library.patch(id, { title: "Other", year: 2026 });
    const [update] = await take(live, 1);
    expect(update).toMatchObject({
      changed: [{ document_id: id }],
      entered: [],
      results: [{ document: { title: "Other" } }],
    });
    await live.return();
    const { results } = await library.search({ embedding: [1, 0, 0, 0], metadata_filter: { year: 2026 } });
    expect(results).toMatchObject([{ document: { title: "Other", metadata: { year: 2026 } } }]);
    const { events } = await library.eventPage({ from_seq: 2, metadata_filter: { year: 2026 } });
    expect(events).toMatchObject([{ type: "document.updated", data: { title: "Other" } }]);
    const lines: unknown[] = [];
    for await (const line of library.export()) lines.push(line);
    expect(lines[1]).toMatchObject({ document: { title: "Other", metadata: { a: { b: 1 }, year: 2026 } } });
  });
});
