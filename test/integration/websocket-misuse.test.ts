import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createLibrary, createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { head, RawPeer } from "../support/peers/raw-peer.ts";
import { within } from "../support/waiting.ts";
import { TestSocket } from "../support/peers/test-socket.ts";

let server: TestServer;
let libraryId: string;

beforeAll(async () => {
  server = await startServer();
  libraryId = (await createVectorLibrary(server.url)).id;
});
afterAll(() => server.stop());

const open = (id = libraryId) => TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";

describe("A WebSocket that is misused", () => {
  const frames: Readonly<Record<string, readonly [string, string, string | undefined, string | null]>> = {
    "no JSON": ["hello", "malformed_json", undefined, null],
    "an array": ["[]", "validation_failed", undefined, null],
    null: ["null", "validation_failed", undefined, null],
    "no request_id": [JSON.stringify({ action: "get", data: {} }), "validation_failed", "request_id", null],
    "a request_id that is a number": [
      JSON.stringify({ request_id: 1, action: "get" }),
      "validation_failed",
      "request_id",
      null,
    ],
    "no action": [JSON.stringify({ request_id: "a" }), "validation_failed", "action", "a"],
    "an unknown action": [JSON.stringify({ request_id: "a", action: "explode" }), "unknown_action", "action", "a"],
    "toString as action": [JSON.stringify({ request_id: "a", action: "toString" }), "unknown_action", "action", "a"],
    "an unknown field": [JSON.stringify({ request_id: "a", action: "get", foo: 1 }), "validation_failed", "foo", "a"],
    "no data": [JSON.stringify({ request_id: "a", action: "search" }), "validation_failed", "query_text", "a"],
    "k of 0": [
      JSON.stringify({ request_id: "a", action: "search", data: { embedding: [1, 0, 0, 0], k: 0 } }),
      "validation_failed",
      "k",
      "a",
    ],
    "a wrong vector": [
      JSON.stringify({ request_id: "a", action: "search", data: { embedding: [1] } }),
      "dimension_mismatch",
      "embedding",
      "a",
    ],
    "an unknown event": [
      JSON.stringify({ request_id: "a", action: "subscribe", data: { events: ["x"] } }),
      "validation_failed",
      "events[0]",
      "a",
    ],
    "a position in the future": [
      JSON.stringify({ request_id: "a", action: "subscribe", data: { from_seq: 1_000_000 } }),
      "position_ahead",
      "from_seq",
      "a",
    ],
    "a negative position": [
      JSON.stringify({ request_id: "a", action: "subscribe", data: { from_seq: -1 } }),
      "validation_failed",
      "from_seq",
      "a",
    ],
    "a position that is no number": [
      JSON.stringify({ request_id: "a", action: "subscribe", data: { from_seq: "1" } }),
      "validation_failed",
      "from_seq",
      "a",
    ],
    "a live query with events": [
      JSON.stringify({
        request_id: "a",
        action: "subscribe",
        data: { query: { embedding: [1, 0, 0, 0] }, events: ["document.added"] },
      }),
      "validation_failed",
      "events",
      "a",
    ],
    "a room that it is not in": [
      JSON.stringify({ request_id: "a", action: "leave", data: { session_id: "r" } }),
      "session_not_joined",
      "session_id",
      "a",
    ],
    "a room without a name": [
      JSON.stringify({ request_id: "a", action: "join", data: { session_id: "" } }),
      "validation_failed",
      "session_id",
      "a",
    ],
    __proto__: ['{"request_id":"a","action":"get","data":{"__proto__":1}}', "validation_failed", "document_id", "a"],
    "__proto__ around it": ['{"__proto__":{"request_id":"a"},"action":"get"}', "validation_failed", "request_id", null],
    "a lone surrogate": ['{"request_id":"\\ud800","action":"get"}', "validation_failed", "request_id", null],
  };
  for (const [name, [frame, code, field, requestId]] of Object.entries(frames)) {
    it(`answers ${name} and lives`, async () => {
      const socket = await open();
      const answer = await socket.raw(frame);
      expect(answer).toMatchObject({ success: false, data: null, error_code: code, request_id: requestId });
      expect(answer.field).toBe(field);
      expect((await socket.request("subscribe", {})).success).toBe(true);
      await socket.close();
    });
  }

  it("closes with 1003 on a binary frame", async () => {
    const socket = await open();
    socket.socket.send(Buffer.from("{}"));
    expect(await socket.closed).toMatchObject({ code: 1003 });
  });

  it("closes with 1009 on a frame that is too large", async () => {
    const socket = await open();
    socket.socket.send("x".repeat(17 * 1024 * 1024));
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });

  it("closes with 1013 where an address has sent more of messages that do not end than it may", async () => {
    const key = ["sec-websocket-version: 13", "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=="];
    const upgrade = head(`GET /v1/libraries/${libraryId}/ws`, "connection: upgrade", "upgrade: websocket", ...key);
    const peers = await Promise.all(Array.from({ length: 17 }, () => RawPeer.connect(server.url, "127.0.0.2")));
    for (const peer of peers) peer.send(upgrade);
    await Promise.all(peers.map((peer) => within(peer.until("\r\n\r\n"), "the upgrade")));
    // The first frame of a message, masked with zeros, of 16,000,000 bytes.
    const frame = Buffer.alloc(16_000_014, "x");
    frame.set([0x01, 0xff, 0, 0, 0, 0, 0x00, 0xf4, 0x24, 0x00, 0, 0, 0, 0]);
    for (const peer of peers) peer.send(frame);
    await within(Promise.race(peers.map(({ closed }) => closed)), "one to be closed");
    expect(peers.find(({ socket }) => socket.destroyed)?.received).toContain("\u0003\u00f5What the address sends");
    // Others have their room.
    const small = JSON.stringify({ request_id: "a", action: "get", data: { document_id: absent } });
    const other = await open();
    other.socket.send(small.padEnd(1_000_000));
    expect(await other.wait(({ type }) => type === "response")).toMatchObject({ error_code: "document_not_found" });
    for (const peer of peers) peer.end();
    other.socket.close();
  });

  it("closes with 1007 on a frame that is no UTF-8", async () => {
    const socket = await open();
    socket.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect(await socket.closed).toMatchObject({ code: 1007 });
  });

  it("closes with 4404 where there is no such library", async () => {
    for (const id of [absent, "nonsense"]) {
      const socket = await open(id);
      expect(await socket.closed).toMatchObject({ code: 4404 });
    }
  });

  it("closes with 4410 when the library is deleted, after telling subscribers so", async () => {
    const { id } = await createVectorLibrary(server.url);
    const [subscriber, other] = await Promise.all([open(id), open(id)]);
    await subscriber.request("subscribe", {});
    await fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE" });
    expect(await subscriber.closed).toMatchObject({ code: 4410 });
    expect(await other.closed).toMatchObject({ code: 4410 });
    expect(subscriber.events()).toMatchObject([{ type: "library.deleted", data: { id }, seq: 2 }]);
    expect(other.messages).toEqual([]);
  });

  it("refuses an upgrade elsewhere as plain HTTP", async () => {
    const socket = new TestSocket(new WebSocket(`${server.socketUrl}/v1/elsewhere`));
    expect(await socket.closed).toMatchObject({ code: 1006 });
  });

  it("closes a reader that does not read with 4429 and leaves the others alone", async () => {
    const { id } = await createLibrary(server.url, { embedding_model: "none", dimension: 2 });
    const [lazy, keen] = await Promise.all([open(id), open(id)]);
    await Promise.all([lazy.request("subscribe", {}), keen.request("subscribe", {})]);
    lazy.socket.pause();
    const total = 1_500;
    const big = "m".repeat(9_000);
    const documentLine = JSON.stringify({
      title: "T",
      chunks: [{ text: "x", embedding: [1, 0] }],
      a: big,
      b: big,
      c: big,
      d: big,
    });
    const body = Array.from({ length: total }, () => documentLine).join("\n");
    expect((await fetch(`${server.url}/v1/libraries/${id}/documents/stream`, { method: "POST", body })).status).toBe(
      200,
    );
    await keen.wait(({ seq }) => seq === total + 1);
    expect(keen.events()).toHaveLength(total);
    lazy.socket.resume();
    expect(await lazy.closed).toMatchObject({ code: 4429 });
    await keen.close();
  });
});
