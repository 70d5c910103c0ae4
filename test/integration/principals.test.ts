import { connect } from "node:net";
import { auditPage } from "@arrwdb/protocol/keys/audit";
import { keyList } from "@arrwdb/protocol/keys/keys";
import { ignored, type Operation } from "@arrwdb/protocol/operations/operation";
import { operations } from "@arrwdb/protocol/operations/operations";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Meanings, validOf } from "../support/data/arbitrary.ts";
import { documentId, usual } from "../support/data/arbitrary-documents.ts";
import {
  adminKey,
  bearer,
  createKey,
  createLibraryWith,
  revokeKey,
  startGuardedServer,
  type TestKey,
} from "../support/server/access.ts";
import { EventStreamReader } from "../support/peers/event-stream.ts";
import { RawRequest } from "../support/peers/raw-request.ts";
import { post, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { line, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { eventually } from "../support/waiting.ts";

/*
 * Whatever outlives a moment ends with the key that it was begun with. The first part is made from the table of operations:
 * a new route is tested without a line here.
 */

let server: TestServer;

beforeAll(async () => {
  server = await startGuardedServer();
});
afterAll(() => server.stop());

/** An operation that reads a body, with one that it would take. */
const withBody = Object.values<Operation>(operations).filter(
  ({ scope, method }) => scope !== "none" && method !== "GET",
);
const meanings: Meanings = { ...usual, id: fc.constant(documentId), min_seq: fc.constant(null) };
const bodyOf = ({ id, body, stream }: Operation): { readonly type: string; readonly text: string } => {
  if (stream !== undefined) return { type: "application/x-ndjson", text: `${line()}\n` };
  if (id === "createKey") return { type: "application/json", text: '{"name": "new", "scope": "admin"}' };
  if (id === "mcp") return { type: "application/json", text: '{"jsonrpc": "2.0", "id": 1, "method": "ping"}' };
  const [value] = body === ignored ? [{}] : fc.sample(validOf(body, meanings), { numRuns: 1, seed: 1 });
  return { type: "application/json", text: JSON.stringify(value) };
};

/** What stands in the server, for one who may see all of it. */
async function everything(): Promise<unknown> {
  const get = async (path: string): Promise<object> => {
    const response = await fetch(`${server.url}${path}`, { headers: bearer(adminKey) });
    return Object(await response.json());
  };
  const libraries = await get("/v1/libraries?limit=1000");
  const { keys } = keyList.parse(await get("/v1/keys"));
  return { libraries, keys: keys.map(({ id }) => id) };
}

/** The machine may be busy with other things. */
const patience = { timeout: 20_000 };

const endings: readonly (readonly [string, () => Promise<TestKey & { readonly end: () => Promise<void> }>])[] = [
  [
    "was revoked",
    async () => {
      const key = await createKey(server.url, { scope: "admin" });
      return { ...key, end: () => revokeKey(server.url, key.id) };
    },
  ],
  [
    "has expired",
    async () => {
      const expiresAt = Date.now() + 400;
      const key = await createKey(server.url, { scope: "admin", expires_at: new Date(expiresAt).toISOString() });
      return { ...key, end: () => eventually(() => expect(Date.now() > expiresAt).toBe(true)) };
    },
  ],
];

describe.each(endings)("A key that %s while the body of its request was on the way", (_name, keyThatEnds) => {
  it.each(withBody)("does not do $id", async (operation) => {
    const library = await createLibraryWith(server.url);
    const { id, key, end } = await keyThatEnds();
    const path = operation.path
      .replace("{library_id}", library)
      .replace("{key_id}", id)
      .replaceAll(/\{\w+\}/g, documentId);
    const { type, text } = bodyOf(operation);
    const headers = { ...bearer(key), "content-type": type, accept: "application/json, text/event-stream" };
    const request = await RawRequest.begin(`${server.url}${path}`, operation.method, headers, text);
    await end();
    // An upload ends without waiting for what its client may never send.
    if (operation.stream !== undefined) await eventually(() => expect(request.isAnswered).toBe(true));
    const before = await everything();
    const { status, text: answer } = await request.finish();
    expect(answer).toContain("unauthorized");
    expect(status).toBe(401);
    expect(await everything()).toEqual(before);
  });
});

describe("What goes on with a key", () => {
  const address = (library: string, rest: string) => `${server.url}/v1/libraries/${library}/${rest}`;
  const tool = (library: string) => ({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "watch", arguments: { library, wait_seconds: 50 } },
  });
  const anyAnswer = { accept: "application/json, text/event-stream" };
  const subscribers = async () => {
    const response = await fetch(`${server.url}/v1/events/stats`, { headers: bearer(adminKey) });
    const { subscribers: counts }: { subscribers?: { sse?: number } } = Object(await response.json());
    return counts?.sse;
  };

  it("ends where it is a wait for a position", async () => {
    const library = await createLibraryWith(server.url);
    const { id, key } = await createKey(server.url);
    const search = { embedding: [1, 0], k: 1, min_seq: 99 };
    const waiting = post(address(library, "search"), search, bearer(key));
    const other = post(address(library, "search"), search, bearer(adminKey));
    // Both wait by now, as this comes after them on the way through the store.
    await fetch(address(library, "documents"), { headers: bearer(adminKey) });
    await revokeKey(server.url, id);
    expect((await waiting).status).toBe(401);
    expect((await other).status).toBe(504);
  });

  it("ends where it is a tool that waits", async () => {
    const library = await createLibraryWith(server.url);
    const { id, key } = await createKey(server.url);
    const waiting = post(`${server.url}/mcp`, tool(library), { ...bearer(key), ...anyAnswer });
    await eventually(async () => expect(await subscribers()).toBe(1));
    await revokeKey(server.url, id);
    const answer = await waiting.then((response) => response.text()).catch(String);
    expect(answer).toContain("revoked");
    await eventually(async () => expect(await subscribers()).toBe(0));
  });

  it("ends where it is an export, with the reason, also when nobody reads it", async () => {
    const library = await createLibraryWith(server.url);
    // More than sockets take in.
    const document = line({ chunks: [{ text: "y".repeat(90_000), embedding: [1, 0] }] });
    const upload = uploadTo(uploadUrl(server.url, library), `${document}\n`.repeat(100), bearer(adminKey));
    expect(await resultsOf(upload)).toMatchObject({ successful: 100 });
    const [read, unread] = [await createKey(server.url), await createKey(server.url)];
    const open = async (key: string) => {
      const response = await fetch(address(library, "export"), { headers: bearer(key) });
      if (response.body === null) throw new Error("No body");
      return response.body.getReader();
    };
    const [reader, sleeper] = [await open(read.key), await open(unread.key)];
    await Promise.all([reader.read(), sleeper.read()]);
    await Promise.all([revokeKey(server.url, read.id), revokeKey(server.url, unread.id)]);
    let told = "";
    for (let part = await reader.read(); !part.done; part = await reader.read())
      told += Buffer.from(part.value).toString();
    expect(JSON.parse(told.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      summary: { aborted: { error_code: "unauthorized" } },
    });
    await expect
      .poll(async () => (await fetch(`${server.url}/metrics`, { headers: bearer(adminKey) })).text(), {
        timeout: 20_000,
      })
      .toMatch(/^arrwdb_http_requests_in_progress 1$/m);
    await sleeper.cancel().catch(() => undefined);
  });

  it("is read no further where it is a WebSocket whose peer does not answer the close", async () => {
    const library = await createLibraryWith(server.url);
    const { id, key } = await createKey(server.url, { scope: "write" });
    const { socket } = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library}/ws`, bearer(key));
    // It neither reads, nor hears that it is over; what it sends is sent all the same.
    socket.pause();
    await revokeKey(server.url, id);
    const document = { title: "T", chunks: [{ text: "x", embedding: [1, 0] }] };
    socket.send(JSON.stringify({ request_id: "late", action: "add", data: document }));
    await new Promise<void>((resolve) =>
      socket.send(JSON.stringify({ request_id: "later", action: "nothing" }), () => resolve()),
    );
    socket.resume();
    await eventually(() => expect(socket.readyState).toBe(socket.CLOSED));
    const response = await fetch(address(library, "documents"), { headers: bearer(adminKey) });
    expect(await response.json()).toMatchObject({ documents: [], seq: 1 });
  });
});

describe("A webhook", () => {
  it("ends with the key that it was made with, and goes on where it was with another", async () => {
    const open = await startGuardedServer({ ARRWDB_WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8" });
    const receiver = await WebhookReceiver.start();
    const library = await createLibraryWith(open.url);
    const path = `${open.url}/v1/libraries/${library}`;
    const keys = [await createKey(open.url, { scope: "admin" }), await createKey(open.url, { scope: "admin" })];
    const [maker, other] = keys;
    if (maker === undefined || other === undefined) throw new Error("No keys");
    const made: { id: string } = await post(`${path}/webhooks`, { url: receiver.url }, bearer(maker.key))
      .then((response) => response.json())
      .then(Object);
    const one = `${path}/webhooks/${made.id}`;
    const status = async () => Object(await (await fetch(one, { headers: bearer(adminKey) })).json());
    const add = () =>
      post(`${path}/documents`, { title: "T", chunks: [{ text: "x", embedding: [1, 0] }] }, bearer(adminKey));
    await add();
    await eventually(async () => expect((await status()).seq).toBe(2));
    await revokeKey(open.url, maker.id);
    await expect
      .poll(status, patience)
      .toMatchObject({ status: "disabled", status_reason: expect.stringContaining("key"), seq: 2 });
    await add();
    const patch = await fetch(one, {
      method: "PATCH",
      headers: { "content-type": "application/json", ...bearer(other.key) },
      body: '{"status": "active"}',
    });
    expect(await patch.json()).toMatchObject({ status: "active", status_reason: null, seq: 2 });
    // What happened meanwhile is told, too.
    await eventually(async () => expect((await status()).seq).toBe(3));
    await revokeKey(open.url, other.id);
    await eventually(async () => expect(await status()).toMatchObject({ status: "disabled", seq: 3 }));
    await receiver[Symbol.asyncDispose]();
    await open.stop();
  });
});

describe("What a browser opened", () => {
  it("ends when it signs out", async () => {
    const library = await createLibraryWith(server.url);
    const { key } = await createKey(server.url);
    const signIn = async () => {
      const response = await post(`${server.url}/v1/browser-session`, { key });
      return { cookie: (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
    };
    const [gone, kept] = [await signIn(), await signIn()];
    const opened = async (headers: { cookie: string }) => ({
      socket: await TestSocket.open(`${server.socketUrl}/v1/libraries/${library}/ws`, headers),
      stream: await EventStreamReader.open(`${server.url}/v1/libraries/${library}/events`, headers),
    });
    const [first, second] = [await opened(gone), await opened(kept)];
    await first.socket.request("subscribe", {});
    await fetch(`${server.url}/v1/browser-session`, { method: "DELETE", headers: gone });
    expect(await first.socket.closed).toMatchObject({ code: 4401 });
    await first.stream.ended;
    expect((await second.socket.request("subscribe", {})).success).toBe(true);
    expect(second.stream.over).toBe(false);
    await Promise.all([second.socket.close(), second.stream.close()]);
  });
});

describe("The audit trail", () => {
  /** Sends the request and hangs up as soon as it has left, with an end or with a reset. */
  async function hangUp(method: string, path: string, reset: boolean): Promise<void> {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => undefined);
    const head = [`${method} ${path} HTTP/1.1`, `host: ${hostname}`, `authorization: Bearer ${adminKey}`];
    await new Promise<void>((resolve) => socket.write(`${head.join("\r\n")}\r\n\r\n`, () => resolve()));
    if (reset) socket.resetAndDestroy();
    else socket.destroy();
  }

  it("has what was done for clients that hung up at once, with their address", async () => {
    const subjects: string[] = [];
    for (let count = 0; count < 20; count++) {
      const path = `/v1/libraries/${await createLibraryWith(server.url)}`;
      subjects.push(path);
      await hangUp("DELETE", path, count % 2 === 0);
    }
    const deleted = async () => {
      const found = await Promise.all(
        subjects.map((path) => fetch(`${server.url}${path}`, { headers: bearer(adminKey) })),
      );
      return subjects.filter((_path, index) => found[index]?.status === 404);
    };
    const audited = async () => {
      const response = await fetch(`${server.url}/v1/audit?limit=200`, { headers: bearer(adminKey) });
      const { entries } = auditPage.parse(await response.json());
      const ours = entries.filter(
        ({ operation, subject }) => operation === "deleteLibrary" && subjects.includes(subject),
      );
      for (const { address } of ours) expect(["127.0.0.1", "unknown"]).toContain(address);
      return new Set(ours.map(({ subject }) => subject));
    };
    await eventually(async () => expect((await deleted()).length).toBeGreaterThan(5));
    // What was done is written down before it could have been answered.
    await expect
      .poll(async () => {
        const done = await deleted();
        const told = await audited();
        return done.filter((subject) => !told.has(subject));
      }, patience)
      .toEqual([]);
  });
});
