import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { documentFound, documentWritten } from "@arrwdb/protocol/documents/model";
import { eventPage, libraryEvent } from "@arrwdb/protocol/events/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestSocket } from "../support/peers/test-socket.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let library: string;
let documents: string;

beforeAll(async () => {
  server = await startServer();
  library = `${server.url}/v1/libraries/${(await createVectorLibrary(server.url)).id}`;
  documents = `${library}/documents`;
});
afterAll(() => server.stop());

const chunks = [{ text: "x", embedding: [1, 0, 0, 0] }];
const add = (fields: Readonly<Record<string, unknown>>) => post(documents, { title: "T", chunks, ...fields });
const added = async (fields: Readonly<Record<string, unknown>>) =>
  documentWritten.parse(await (await add(fields)).json()).document;

describe("A document with an expiry", () => {
  it("says when it expires, in UTC, wherever it is shown", async () => {
    const { expires_at } = await added({ id: "a", expires_at: "2099-12-31T18:00:00.1234+01:00" });
    expect(expires_at).toBe("2099-12-31T17:00:00.123Z");
    const read = documentFound.parse(await (await fetch(`${documents}/a`)).json());
    expect(read.document.expires_at).toBe(expires_at);
    expect((await added({ id: "a", expires_at: null, ttl_seconds: null })).expires_at).toBeNull();
    const document = await added({ id: "a", ttl_seconds: 60 });
    const rest = Date.parse(document.expires_at ?? "") - Date.parse(document.updated_at);
    expect(rest).toBe(60_000);
  });

  it.each([
    [{ expires_at: "2020-01-01" }, "expires_at", "passed"],
    [{ expires_at: "soon" }, "expires_at", "ISO 8601"],
    [{ expires_at: "9999-12-31T23:59:59-23:59" }, "expires_at", "after the year 9999"],
    [{ expires_at: 1_800_000_000 }, "expires_at", "ISO 8601"],
    [{ ttl_seconds: 0 }, "ttl_seconds", "at least 1"],
    [{ ttl_seconds: 1.5 }, "ttl_seconds", "whole number"],
    [{ ttl_seconds: 1e12 }, "ttl_seconds", "at most"],
    [{ ttl_seconds: "60" }, "ttl_seconds", "whole number"],
    [{ ttl_seconds: 60, expires_at: "2099-01-01" }, "ttl_seconds", "give one"],
  ])("of %j is refused, and nothing is stored", async (fields, field, message) => {
    const response = await add({ id: "refused", ...fields });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ field, detail: expect.stringContaining(message) });
    expect((await fetch(`${documents}/refused`)).status).toBe(404);
  });

  it("leaves with an event, over a WebSocket as in a page of events, and its id is free again", async () => {
    const socket = await TestSocket.open(`${library.replace("http", "ws")}/ws`);
    await socket.request("subscribe", { events: ["document.expired"] });
    const { seq } = await socket
      .request("add", { id: "brief", title: "Brief", chunks, ttl_seconds: 1 })
      .then(({ data }) => documentWritten.parse(data));
    const event = await socket.wait(({ type }) => type === "document.expired");
    const told = libraryEvent.parse(event);
    expect(told).toMatchObject({ seq: seq + 1, data: { document_id: "brief", title: "Brief" } });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(Object(told.data).expires_at)));
    const page = eventPage.parse(await (await fetch(`${library}/events?from_seq=${seq}`)).json());
    expect(page.events).toEqual([told]);
    expect((await socket.request("get", { document_id: "brief" })).error_code).toBe("document_not_found");
    const again = await add({ id: "brief", if_seq: 0 });
    expect(again.status).toBe(201);
    await socket.close();
  });

  it("keeps its receipt when its line is sent again after its instant", async () => {
    const line = JSON.stringify({ id: "line", title: "Line", chunks, expires_at: new Date(Date.now() + 900) });
    const upload = async () =>
      ingestionResponse.parse(
        await (
          await fetch(`${documents}/stream`, {
            method: "POST",
            headers: { "content-type": "application/x-ndjson", "idempotency-key": "expiring" },
            body: line,
          })
        ).json(),
      );
    const [first] = (await upload()).results;
    expect(first).toMatchObject({ success: true, document_id: "line" });
    await eventually(async () => (await fetch(`${documents}/line`)).status === 404);
    expect((await upload()).results).toEqual([{ ...first, replayed: true }]);
    expect((await fetch(`${documents}/line`)).status).toBe(404);
  });
});
