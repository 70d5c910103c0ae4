import { once } from "node:events";
import { request as requestOf } from "node:http";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { adminKey, bearer, createKey, createLibraryWith, startGuardedServer } from "../support/server/access.ts";
import { EventStreamReader } from "../support/peers/event-stream.ts";
import { post, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let library: string;

beforeAll(async () => {
  server = await startGuardedServer();
  library = await createLibraryWith(server.url);
});
afterAll(() => server.stop());

const keyWith = async (limits: unknown) => (await createKey(server.url, { scope: "write", limits })).key;
const socketAddress = () => `${server.socketUrl}/v1/libraries/${library}/ws`;
const list = (url: string, key?: string) =>
  fetch(`${url}/v1/libraries`, key === undefined ? {} : { headers: bearer(key) });

describe("Requests a minute", () => {
  it("are counted for each key, told in the standard headers, and refused beyond", async () => {
    const [key, other] = [await keyWith({ requests_per_minute: 3 }), await keyWith({ requests_per_minute: 3 })];
    const answers = [await list(server.url, key), await list(server.url, key), await list(server.url, key)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ headers }) => headers.get("ratelimit-remaining"))).toEqual(["2", "1", "0"]);
    const refused = await list(server.url, key);
    expect(problem.parse(await refused.json())).toMatchObject({ status: 429, code: "rate_limited", retryable: true });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(20);
    expect(refused.headers.get("ratelimit-policy")).toBe('"requests";q=3;w=60');
    expect(refused.headers.get("ratelimit")).toMatch(/^"requests";r=0;t=\d+$/);
    expect((await list(server.url, other)).status).toBe(200);
  });

  it("are told within the stream to a browser that listens, which would not come back after another status", async () => {
    const key = await keyWith({ requests_per_minute: 1 });
    await list(server.url, key);
    const events = (accept: string) =>
      fetch(`${server.url}/v1/libraries/${library}/events`, { headers: { ...bearer(key), accept } });
    const refused = await events("text/event-stream");
    expect(refused.status).toBe(200);
    expect(refused.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const [, retry, data] = /^retry: (\d+)\nevent: ended\ndata: (.+)\n\n$/.exec(await refused.text()) ?? [];
    // As long as it has to wait anyway, and no longer.
    expect(Number(retry)).toBe(Number(refused.headers.get("retry-after")) * 1000);
    expect(JSON.parse(data ?? "")).toMatchObject({ error_code: "rate_limited", retryable: true });
    for (const accept of ["*/*", "application/json"]) expect((await events(accept)).status).toBe(429);
    const missing = await fetch(`${server.url}/v1/libraries/${crypto.randomUUID()}/events`, {
      headers: { ...bearer(await keyWith({})), accept: "text/event-stream" },
    });
    expect(missing.status).toBe(404);
  });

  it("count those over a WebSocket too", async () => {
    const key = await keyWith({ requests_per_minute: 2 });
    const socket = await TestSocket.open(socketAddress(), bearer(key));
    const answers = [];
    for (let count = 0; count < 3; count++) answers.push(await socket.request("subscribe", {}));
    expect(answers.map(({ success }) => success)).toEqual([true, true, false]);
    expect(answers[2]).toMatchObject({ error_code: "rate_limited", retryable: true });
    expect(answers[2]?.["retry_after"]).toBeGreaterThan(0);
    expect((await list(server.url, key)).status).toBe(429);
    await socket.close();
  });

  it("are counted by address where there is no key, or a wrong one; and are not limited by default", async () => {
    const open = await startServer({ ARRWDB_RATE_LIMIT: "2" });
    const statuses = [await list(open.url), await list(open.url), await list(open.url)].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 429]);
    // Who looks after the server sees whether it lives.
    expect((await fetch(`${open.url}/health`)).status).toBe(200);
    await open.stop();
    const guarded = await startGuardedServer({ ARRWDB_RATE_LIMIT: "2" });
    const guesses = [await list(guarded.url, "a"), await list(guarded.url, "b"), await list(guarded.url, "c")];
    expect(guesses.map(({ status }) => status)).toEqual([401, 401, 429]);
    expect((await list(guarded.url, adminKey)).status).toBe(200);
    expect((await post(`${guarded.url}/v1/browser-session`, { key: "d" })).status).toBe(429);
    await guarded.stop();
    expect((await list(server.url, adminKey)).headers.get("ratelimit")).toBeNull();
  });
});

describe("Requests at a time", () => {
  it("are bounded for each key, and free again when they have ended", async () => {
    const key = await keyWith({ concurrent_requests: 1 });
    // Sends its head, and keeps the server waiting for the body.
    const slow = requestOf(`${server.url}/v1/libraries/${library}/documents`, {
      method: "POST",
      headers: {
        ...bearer(key),
        "content-type": "application/json",
        expect: "100-continue",
        "transfer-encoding": "chunked",
      },
    });
    slow.flushHeaders();
    await once(slow, "continue");
    slow.write("{");
    let refused = await list(server.url, key);
    await eventually(async () => !(refused = await list(server.url, key)).ok, { describe: "a request to be refused" });
    expect(problem.parse(await refused.json())).toMatchObject({ status: 429, code: "rate_limited" });
    slow.end("}");
    const [answer] = await once(slow, "response");
    answer.resume();
    await once(answer, "end");
    let again = await list(server.url, key);
    await eventually(async () => (again = await list(server.url, key)).status !== 429, {
      describe: "a request to be taken",
    });
    expect(again.status).toBe(200);
  });
});

describe("Connections", () => {
  it("are bounded for each key, WebSockets and streams together", async () => {
    const key = await keyWith({ connections: 2 });
    const socket = await TestSocket.open(socketAddress(), bearer(key));
    const events = `${server.url}/v1/libraries/${library}/events`;
    const stream = await EventStreamReader.open(events, bearer(key));
    const listen = () => fetch(events, { headers: { ...bearer(key), accept: "text/event-stream" } });
    const third = await (await listen()).text();
    expect(JSON.parse(/^data: (.*)$/m.exec(third)?.[1] ?? "")).toMatchObject({ error_code: "rate_limited" });
    const [, response] = await once(new WebSocket(socketAddress(), { headers: bearer(key) }), "unexpected-response");
    expect(response.statusCode).toBe(429);
    expect(response.headers["retry-after"]).toBe("1");
    // A page of events is no stream.
    expect((await fetch(events, { headers: { ...bearer(key), accept: "application/json" } })).status).toBe(200);
    await socket.close();
    const isTaken = async () => {
      const reader = (await listen()).body?.getReader();
      const { value } = (await reader?.read()) ?? {};
      await reader?.cancel();
      return value !== undefined && !Buffer.from(value).includes("event: ended");
    };
    await eventually(isTaken, { describe: "a stream to be taken" });
    await stream.close();
  });
});

describe("Bytes of a body", () => {
  it("are bounded for each key, before they are read", async () => {
    const key = await keyWith({ body_bytes: 100 });
    const address = `${server.url}/v1/libraries/${library}/documents`;
    const document = (length: number) => ({ title: "T".repeat(length), chunks: [{ text: "x", embedding: [1, 0] }] });
    expect((await post(address, document(1), bearer(key))).status).toBe(201);
    expect(problem.parse(await (await post(address, document(200), bearer(key))).json())).toMatchObject({
      status: 413,
      code: "body_too_large",
    });
    // What does not say how long it is is counted as it comes.
    const statusOf = async (length: number) => {
      const chunked = requestOf(address, {
        method: "POST",
        headers: { ...bearer(key), "content-type": "application/json", "transfer-encoding": "chunked" },
      });
      chunked.end(JSON.stringify(document(length)));
      const [answer] = await once(chunked, "response");
      answer.resume();
      const { statusCode }: { readonly statusCode: unknown } = answer;
      return statusCode;
    };
    expect([await statusOf(1), await statusOf(200)]).toEqual([201, 413]);
    const socket = await TestSocket.open(socketAddress(), bearer(key));
    socket.socket.send(JSON.stringify({ request_id: "a", action: "add", data: document(200) }));
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });
});
