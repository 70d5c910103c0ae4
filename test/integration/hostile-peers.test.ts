import { gzipSync } from "node:zlib";
import { eventStatistics } from "@arrwdb/protocol/events/events";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultClientTimeouts } from "../../server/src/listener/client-timeouts.ts";
import { adminKey, bearer, startGuardedServer } from "../support/server/access.ts";
import { Scrape } from "../support/metrics.ts";
import { answerIn, head, RawPeer } from "../support/peers/raw-peer.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

/** As usual but for the time, which a test does not have. */
const clientTimeouts = {
  ...defaultClientTimeouts,
  check: 100,
  head: 3_000,
  silence: 3_000,
  body: 6_000,
  unread: 3_000,
};

let server: TestServer;
/** With the usual time-outs, so that nobody is let go while others are counted. */
let patient: TestServer;
let library: string;
beforeAll(async () => {
  [server, patient] = await Promise.all([startServer({}, { limits: { clientTimeouts } }), startServer()]);
  ({ id: library } = await createVectorLibrary(patient.url));
});
afterAll(() => Promise.all([server.stop(), patient.stop()]));

const peers: RawPeer[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.end();
});
async function join(peer: Promise<RawPeer>): Promise<RawPeer> {
  const joined = await peer;
  peers.push(joined);
  return joined;
}
const connect = (url: string, address?: string) => join(RawPeer.connect(url, address));

const json = "content-type: application/json";
const waiting = (path: string, ...headers: string[]) => head(`POST ${path}`, json, "content-length: 1000", ...headers);
/** Metrics about the moment. */
const inProgress = async (url: string) => (await Scrape.of(url)).value("arrwdb_http_requests_in_progress");

describe("Clients that send nothing", () => {
  it("keep nobody out, not even others of their own address", async () => {
    const idle = await Promise.all(Array.from({ length: 1_100 }, () => connect(patient.url)));
    for (const peer of idle) peer.send(waiting("/v1/libraries"));
    await eventually(async () => expect(await inProgress(patient.url)).toBeGreaterThan(1_000), { within: 20_000 });
    for (const path of ["/health", "/ready", "/metrics", "/v1/libraries", "/docs"]) {
      expect([path, (await fetch(`${patient.url}${path}`)).status]).toEqual([path, 200]);
    }
    const document = { title: "T", chunks: [{ text: "x", embedding: [1, 0, 0, 0] }] };
    // Those that have waited for a second give way.
    await eventually(
      async () => expect((await post(`${patient.url}/v1/libraries/${library}/documents`, document)).status).toBe(201),
      { within: 10_000 },
    );
    expect((await post(`${patient.url}/v1/libraries/${library}/search`, { embedding: [1, 0, 0, 0] })).status).toBe(200);
  });

  it.each([
    ["of a request", "", 0],
    ["of its head", "GET /health HTTP/1.1\r\nhost: localhost\r\n", 408],
    ["of its body", waiting("/v1/libraries"), 408],
    ["of its body, where none is read", waiting("/health").replace("POST", "GET"), 200],
    ["of its body, without a key", waiting("/v1/browser-session"), 408],
    ["of its body, at no address", waiting("/nowhere"), 404],
    ["of a body that has begun", `${waiting("/v1/libraries")}{"name":`, 408],
    [
      "of a compressed body",
      head("POST /v1/libraries", json, "content-encoding: gzip", "transfer-encoding: chunked"),
      408,
    ],
  ])("are let go: nothing %s", async (_what, bytes, status) => {
    const peer = await connect(server.url);
    if (bytes !== "") peer.send(bytes);
    await peer.closed;
    if (status === 0) return expect(peer.received).toBe("");
    const answer = answerIn(peer.received);
    expect(answer.status).toBe(status);
    if (status === 408) expect(problem.parse(JSON.parse(answer.body))).toMatchObject({ code: "request_timeout" });
  });

  it("are let go though a byte comes now and then", async () => {
    const peer = await connect(server.url);
    peer.send(waiting("/v1/libraries"));
    const timer = setInterval(() => peer.send(" "), 200);
    await peer.closed;
    clearInterval(timer);
    expect(answerIn(peer.received).status).toBe(408);
  });
});

describe("Clients that read nothing", () => {
  it("are one request in progress each, however many they pipeline, and are let go", async () => {
    const deaf = await Promise.all(Array.from({ length: 4 }, () => join(RawPeer.deaf(server.url))));
    for (const peer of deaf) peer.send(head("GET /openapi.json").repeat(600));
    await eventually(async () => expect(await inProgress(server.url)).toBeGreaterThan(3), { within: 20_000 });
    expect(await inProgress(server.url)).toBeLessThanOrEqual(5);
    expect((await fetch(`${server.url}/v1/libraries`)).status).toBe(200);
    await eventually(async () => expect(await inProgress(server.url)).toBeLessThanOrEqual(1), { within: 20_000 });
  });
});

describe("Requests of one address", () => {
  it("are bounded, and those of another address are answered meanwhile", async () => {
    const bounded = await startServer({ ARRWDB_MAX_REQUESTS_PER_ADDRESS: "1" });
    const { id } = await createVectorLibrary(bounded.url);
    // Waits on the server for a position that never comes.
    const body = JSON.stringify({ embedding: [1, 0, 0, 0], min_seq: 1_000 });
    const search = head(`POST /v1/libraries/${id}/search`, json, `content-length: ${body.length}`) + body;
    const busy = await connect(bounded.url, "127.0.0.2");
    busy.send(search);
    await eventually(async () => expect(await inProgress(bounded.url)).toBeGreaterThan(1), { within: 4_000 });
    const second = await connect(bounded.url, "127.0.0.2");
    second.send(head("GET /v1/libraries"));
    const refused = answerIn(await second.until("}"));
    expect(problem.parse(JSON.parse(refused.body))).toMatchObject({ status: 429, code: "rate_limited" });
    const other = await connect(bounded.url, "127.0.0.3");
    other.send(head("GET /v1/libraries"));
    expect(answerIn(await other.until("}")).status).toBe(200);
    await bounded.stop();
  });
});

describe("HEAD and OPTIONS", () => {
  it("HEAD opens no stream of events, and no export", async () => {
    const count = async () =>
      eventStatistics.parse(await (await fetch(`${patient.url}/v1/events/stats`)).json()).subscribers;
    const before = await count();
    const url = `${patient.url}/v1/libraries/${library}`;
    const headers = { accept: "text/event-stream" };
    for (let times = 0; times < 20; times++) {
      expect((await fetch(`${url}/events`, { method: "HEAD", headers })).status).toBe(200);
      expect((await fetch(`${url}/export`, { method: "HEAD" })).status).toBe(200);
    }
    expect(await count()).toEqual(before);
    expect((await fetch(`${url}/events?from_seq=99999`, { method: "HEAD" })).status).toBe(422);
    expect((await fetch(`${url}-/export`, { method: "HEAD" })).status).toBe(404);
  });

  it("a stream ends with its socket, whenever that closes", async () => {
    const count = async () =>
      eventStatistics.parse(await (await fetch(`${patient.url}/v1/events/stats`)).json()).subscribers;
    const before = await count();
    for (let times = 0; times < 40; times++) {
      const peer = await connect(patient.url);
      peer.send(head(`GET /v1/libraries/${library}/events`, "accept: text/event-stream"));
      if (times % 2 === 0) await peer.until("id: ");
      peer.end();
    }
    await eventually(async () => expect(await count()).toEqual(before), { within: 10_000 });
  });

  it("OPTIONS tells what an address takes", async () => {
    const allowed = async (path: string) =>
      (await fetch(`${patient.url}${path}`, { method: "OPTIONS" })).headers.get("allow");
    expect(await allowed("/v1/libraries")).toBe("GET, HEAD, OPTIONS, POST");
    expect(await allowed(`/v1/libraries/${library}/documents/x?y=z`)).toBe("DELETE, GET, HEAD, OPTIONS, PATCH, PUT");
    expect(await allowed("/openapi.json")).toBe("GET, HEAD, OPTIONS");
    expect((await fetch(`${patient.url}/nowhere`, { method: "OPTIONS" })).status).toBe(404);
    const wrong = await fetch(`${patient.url}/v1/libraries`, { method: "DELETE" });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([404, "GET, HEAD, OPTIONS, POST"]);
    const cors = await startServer({ ARRWDB_CORS_ORIGINS: "https://app.example" });
    const plain = await fetch(`${cors.url}/v1/libraries`, { method: "OPTIONS" });
    expect([plain.status, plain.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS, POST"]);
    await cors.stop();
  });
});

describe("Bodies that nobody reads", () => {
  const megabyte = 1024 * 1024;
  let guarded: TestServer;
  beforeAll(async () => {
    guarded = await startGuardedServer();
  });
  afterAll(() => guarded.stop());

  /** Sends the whole body before it looks for an answer, as many clients do. */
  async function sendAll(url: string, megabytes: number, line: string, ...headers: string[]): Promise<number> {
    const peer = await connect(url);
    peer.send(head(line, `content-length: ${megabytes * megabyte}`, ...headers));
    const chunk = Buffer.alloc(megabyte, " ");
    for (let sent = 0; sent < megabytes; sent++) {
      await new Promise<void>((resolve, reject) => {
        peer.socket.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    }
    return answerIn(await peer.until("\r\n\r\n")).status;
  }

  const cases: readonly (readonly [line: string, status: number, megabytes: number, headers: readonly string[]])[] = [
    ["POST /v1/libraries", 413, 24, [json]],
    ["POST /v1/libraries", 415, 12, ["content-type: text/csv"]],
    ["POST /v1/libraries", 415, 12, [json, "content-encoding: lzma"]],
    ["POST /nowhere", 404, 24, [json]],
    ["DELETE /v1/libraries", 404, 24, [json]],
    ["GET /health", 200, 24, []],
  ];
  it.each(cases)("%s is answered with %i after all of it was sent", async (line, status, megabytes, headers) => {
    expect(await sendAll(patient.url, megabytes, line, ...headers)).toBe(status);
  });

  it("are not read before it is known who sends them, and what they may hold", async () => {
    expect(await sendAll(guarded.url, 24, "POST /v1/libraries", json)).toBe(401);
    expect(await sendAll(guarded.url, 24, "POST /v1/browser-session", json)).toBe(413);
    const long = JSON.stringify({ key: "x".repeat(5_000) });
    const unread = await fetch(`${guarded.url}/v1/browser-session`, {
      method: "POST",
      body: long,
      headers: { "content-type": "application/json" },
    });
    expect(unread.status).toBe(413);
    const bomb = await fetch(`${guarded.url}/v1/browser-session`, {
      method: "POST",
      body: new Uint8Array(gzipSync(Buffer.alloc(10_000_000, " "), { level: 9 }).subarray(0)),
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
    });
    expect(bomb.status).toBe(413);
    expect((await post(`${guarded.url}/v1/browser-session`, { key: adminKey })).status).toBe(200);
  });

  it("are counted before they are read", async () => {
    const limited = await startGuardedServer({ ARRWDB_RATE_LIMIT: "2" });
    const statuses = [];
    for (let times = 0; times < 3; times++) {
      const { status } = await post(`${limited.url}/v1/browser-session`, "not a key");
      statuses.push(status);
    }
    expect(statuses).toEqual([422, 422, 429]);
    expect((await fetch(`${limited.url}/nowhere`)).status).toBe(429);
    // Whoever looks after the server sees it nevertheless.
    for (let times = 0; times < 4; times++) {
      expect((await fetch(`${limited.url}/metrics`, { headers: bearer(adminKey) })).status).toBe(200);
      expect((await fetch(`${limited.url}/health`)).status).toBe(200);
    }
    expect((await fetch(`${limited.url}/metrics`)).status).toBe(429);
    await limited.stop();
  });
});
