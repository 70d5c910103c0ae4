import { documentDeleted, documentWritten } from "@arrwdb/protocol/documents/model";
import { problem } from "@arrwdb/protocol/errors/problem";
import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureOf } from "../support/peers/test-client.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { line, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let libraryId: string;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const id = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
const input = (changes: Readonly<Record<string, unknown>> = {}) => ({
  title: "T",
  chunks: [{ text: "x", embedding: [1, 0, 0, 0] }],
  ...changes,
});

async function send(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/v1/libraries/${libraryId}/documents${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: response.status, value: await response.json() };
}

const mismatch = (current: number) => ({ code: "seq_mismatch", field: "if_seq", current_seq: current });

describe("A write with if_seq", () => {
  beforeAll(async () => {
    libraryId = (await createVectorLibrary(server.url)).id;
  });

  it("over HTTP happens only if the document has this seq", async () => {
    const absent = await send("PUT", `/${id}`, input({ if_seq: 7 }));
    expect([absent.status, problem.parse(absent.value)]).toMatchObject([409, mismatch(0)]);
    const { document } = documentWritten.parse((await send("PUT", `/${id}`, input({ if_seq: 0 }))).value);
    // It is no custom field.
    expect(document.metadata).toEqual({});
    const again = await send("POST", "", input({ id, if_seq: 0 }));
    expect([again.status, problem.parse(again.value)]).toMatchObject([409, mismatch(document.seq)]);
    const next = documentWritten.parse((await send("POST", "", input({ id, if_seq: document.seq }))).value);
    const late = await send("DELETE", `/${id}?if_seq=${document.seq}`);
    expect([late.status, problem.parse(late.value)]).toMatchObject([409, mismatch(next.seq)]);
    const deleted = await send("DELETE", `/${id}?if_seq=${next.seq}`);
    expect(documentDeleted.parse(deleted.value).seq).toBe(next.seq + 1);
    const gone = await send("DELETE", `/${id}?if_seq=${next.seq}`);
    expect(problem.parse(gone.value).code).toBe("document_not_found");
  });

  it("is refused where it would be ignored", async () => {
    const { document } = documentWritten.parse((await send("POST", "", input({}))).value);
    const writes = [
      ["POST", "?if_seq=0", input({})],
      ["PUT", `/${document.id}?if_seq=0`, input({})],
      ["PATCH", `/${document.id}?if_seq=0`, { title: "x" }],
      ["DELETE", `/${document.id}?If_seq=0`, undefined],
      ["DELETE", `/${document.id}`, { if_seq: 0 }],
    ] as const;
    for (const [method, place, body] of writes) {
      const { status, value } = await send(method, place, body);
      expect([status, problem.parse(value).code, problem.parse(value).field]).toEqual([
        422,
        "validation_failed",
        place.includes("If") ? "If_seq" : "if_seq",
      ]);
    }
  });

  it("is refused if it is no position, or the document has no id to be found by", async () => {
    for (const if_seq of [-1, 1.5, "2", null]) {
      const { status, value } = await send("POST", "", input({ if_seq }));
      expect([status, problem.parse(value)]).toMatchObject([422, { code: "validation_failed", field: "if_seq" }]);
    }
    for (const if_seq of ["", "-1", "x", "1e3", "9999999999999999"]) {
      const { status, value } = await send("DELETE", `/${id}?if_seq=${if_seq}`);
      expect([status, problem.parse(value)]).toMatchObject([422, { code: "validation_failed", field: "if_seq" }]);
    }
    const { value } = await send("POST", "", input({ if_seq: 3 }));
    expect(problem.parse(value)).toMatchObject(mismatch(0));
    expect((await send("POST", "", input({ if_seq: 0 }))).status).toBe(201);
  });

  it("fails alone in an upload, where its receipt counts if it is sent again", async () => {
    const body = [line({ id, if_seq: 0 }), line({ if_seq: 9 }), line({ if_seq: 0 })].join("\n");
    const upload = () =>
      resultsOf(uploadTo(uploadUrl(server.url, libraryId), body, { "idempotency-key": "one" })).then(
        ({ results }) => results,
      );
    const first = await upload();
    expect(first).toMatchObject([
      { success: true },
      { success: false, error_code: "seq_mismatch", field: "if_seq", retryable: false, current_seq: 0 },
      { success: true },
    ]);
    expect(await upload()).toEqual(first.map((result) => (result.success ? { ...result, replayed: true } : result)));
  });

  it("works over the WebSocket and with the client", async () => {
    const library = new ArrwClient({ url: server.url }).library(libraryId);
    const { seq } = await library.get(id);
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${libraryId}/ws`);
    const refused = { success: false, error_code: "seq_mismatch", current_seq: seq };
    expect(await socket.request("add", input({ id, if_seq: 0 }))).toMatchObject(refused);
    expect(await socket.request("delete", { document_id: id, if_seq: 0 })).toMatchObject(refused);
    const added = await socket.request("add", input({ id, if_seq: seq }));
    expect(added).toMatchObject({ success: true });
    const error = await failureOf(library.delete(id, { if_seq: seq }));
    expect(error).toMatchObject({
      code: "seq_mismatch",
      status: 409,
      retryable: false,
      currentSeq: added.data?.["seq"],
    });
    const error2 = await failureOf(library.add(input({ id, if_seq: seq })));
    expect(error2).toMatchObject({ code: "seq_mismatch", currentSeq: added.data?.["seq"] });
    const current = Number(added.data?.["seq"]);
    expect(await socket.request("delete", { document_id: id, if_seq: current })).toMatchObject({ success: true });
    await socket.close();
  });
});
