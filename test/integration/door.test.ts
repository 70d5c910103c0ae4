import { problem } from "@arrwdb/protocol/errors/problem";
import { errorTable } from "@arrwdb/protocol/errors/error-table";
import { createLibraryRequest } from "@arrwdb/protocol/documents/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { within } from "../support/waiting.ts";
import { Scrape } from "../support/metrics.ts";
import { answerIn, head, RawPeer } from "../support/peers/raw-peer.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** What the server answers to these bytes, as a problem. */
async function refusal(bytes: string): Promise<{ status: number; code: string; head: string }> {
  const peer = await RawPeer.connect(server.url);
  peer.send(bytes);
  await peer.until("}");
  const answer = answerIn(peer.received);
  peer.end();
  const { code, status } = problem.parse(JSON.parse(answer.body));
  expect(status).toBe(answer.status);
  expect(errorTable[code].status).toBe(status);
  expect(answer.head).toContain("content-type: application/problem+json");
  expect(answer.head).toContain("x-request-id: ");
  return { status, code, head: answer.head };
}

describe("What is refused below the framework", () => {
  const upgrade = ["connection: upgrade", "upgrade: websocket"];
  const cases: readonly (readonly [string, string, string])[] = [
    ["bytes that are no request", "NONSENSE\r\n\r\n", "malformed_request"],
    ["a TLS handshake", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", "malformed_request"],
    ["a request without a host", "GET /health HTTP/1.1\r\n\r\n", "malformed_request"],
    ["a request with two hosts", head("GET /health", "Host: localhost"), "malformed_request"],
    ["a header with a line break in it", head("GET /health", "x: a\nb: c\u0000"), "malformed_request"],
    ["two lengths", head("POST /v1/libraries", "content-length: 3", "content-length: 4"), "malformed_request"],
    [
      "a chunk without a length",
      `${head("POST /v1/libraries", "content-type: application/json", "transfer-encoding: chunked")}zz\r\n`,
      "malformed_request",
    ],
    ["a head of 20,000 letters", head("GET /health", `x: ${"a".repeat(20_000)}`), "headers_too_large"],
    ["a long address", head(`GET /${"a".repeat(20_000)}`), "headers_too_large"],
    ["another expectation", head("POST /v1/libraries", "expect: a-miracle", "content-length: 2"), "expectation_failed"],
    ["the method QUERY", head("QUERY /v1/libraries"), "route_not_found"],
    ["the method PURGE", head("PURGE /v1/libraries"), "route_not_found"],
    ["an asterisk", head("OPTIONS *"), "route_not_found"],
    [
      "an upgrade without a key",
      head("GET /v1/libraries/x/ws", ...upgrade, "sec-websocket-version: 13"),
      "malformed_request",
    ],
    [
      "an upgrade of an old version",
      head(
        "GET /v1/libraries/x/ws",
        ...upgrade,
        "sec-websocket-version: 7",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
      ),
      "malformed_request",
    ],
    ["an upgrade where there is no WebSocket", head("GET /health", ...upgrade), "route_not_found"],
    ["an address that cannot be decoded", head("GET /v1/libraries/%E0%A4%A"), "route_not_found"],
  ];
  for (const [name, bytes, code] of cases) {
    it(`has the documented shape: ${name}`, async () => expect(await refusal(bytes)).toMatchObject({ code }));
  }

  it("names the version of WebSockets that is spoken", async () => {
    const key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    const answer = await refusal(head("GET /v1/libraries/x/ws", ...upgrade, key, "sec-websocket-version: 99"));
    expect(answer.head).toContain("sec-websocket-version: 13");
  });

  it("is no failure of the server", async () => {
    const before = await Scrape.of(server.url);
    for (const [, bytes] of cases) await refusal(bytes);
    const after = await Scrape.of(server.url);
    const failures = (scrape: Scrape) => scrape.value("arrwdb_errors_total", { transport: "http", code: "internal" });
    expect(failures(after)).toBe(failures(before));
    expect(after.value("arrwdb_http_request_duration_seconds", { status: "5xx" })).toBe(0);
  });
});

describe("An upgrade to something else than a WebSocket", () => {
  const h2c = [
    "connection: Upgrade, HTTP2-Settings",
    "upgrade: h2c",
    "http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
  ];

  it("is ignored, whatever is asked for, and the connection goes on", async () => {
    const peer = await RawPeer.connect(server.url);
    peer.send(head("GET /health", ...h2c));
    expect(answerIn(await peer.until('"ok"}')).status).toBe(200);
    const body = JSON.stringify(createLibraryRequest.parse({ name: "x", embedding_model: "none", dimension: 2 }));
    peer.send(
      head("POST /v1/libraries", ...h2c, "content-type: application/json", `content-length: ${body.length}`) + body,
    );
    expect(await peer.until("201 Created")).toContain("201 Created");
    peer.send(head("GET /v1/libraries", "connection: upgrade", "upgrade: TLS/1.0, h2c"));
    expect(await peer.until('"libraries":')).toContain('"libraries":');
    peer.send(head("POST /v1/libraries", "connection: upgrade", "upgrade: websocket", "content-length: 0"));
    expect(await peer.until("422 ")).toContain("422 ");
    peer.end();
  });
});

describe("Requests of one socket", () => {
  it("are answered in order, however many come without waiting", async () => {
    const peer = await RawPeer.connect(server.url);
    const requests = Array.from({ length: 600 }, (_, index) => head(`GET /v1/none-${index}-`)).join("");
    peer.send(requests);
    const received = await peer.until("404 Not Found", 600);
    const told = [...received.matchAll(/no route GET \/v1\/none-(\d+)-/gi)].map(([, index]) => Number(index));
    expect(told).toEqual(Array.from({ length: 600 }, (_, index) => index));
    peer.end();
  });

  it("are refused beyond what may wait, and the connection ends", async () => {
    const peer = await RawPeer.connect(server.url);
    peer.send("GET / HTTP/1.1\r\nhost:a\r\n\r\n".repeat(40_000));
    await peer.closed;
    const statuses = [...peer.received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses.length).toBeLessThan(40_000);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});

describe("Requests of one address", () => {
  it("that wait behind others leave those of another address their places", async () => {
    const { id } = await createVectorLibrary(server.url);
    // Behind a stream of events, which does not end by itself.
    const behind = "GET /health HTTP/1.1\r\nhost:localhost\r\n\r\n".repeat(600);
    const greedy = await Promise.all(Array.from({ length: 30 }, () => RawPeer.connect(server.url, "127.0.0.2")));
    for (const peer of greedy) peer.send(head(`GET /v1/libraries/${id}/events`, "accept: text/event-stream") + behind);
    await Promise.all(greedy.map((peer) => within(peer.until("id: "), "the stream to begin")));
    const other = await RawPeer.connect(server.url, "127.0.0.3");
    other.send(head("GET /health").repeat(3));
    const received = await within(other.until('"status"', 3), "three answers");
    expect([...received.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "200", "200"]);
    for (const peer of [...greedy, other]) peer.end();
  });
});

describe("An idle connection", () => {
  it("is kept longer than proxies keep it, as a setting says", async () => {
    const peer = await RawPeer.connect(server.url);
    peer.send(head("GET /health"));
    const { head: told } = answerIn(await peer.until('"ok"}'));
    expect(Number(/keep-alive: timeout=(\d+)/.exec(told)?.[1])).toBeGreaterThan(600);
    peer.end();
    const other = await startServer({ ARRWDB_KEEP_ALIVE_MS: "1000" });
    const short = await RawPeer.connect(other.url);
    short.send(head("GET /health"));
    expect(answerIn(await short.until('"ok"}')).head).toContain("keep-alive: timeout=1");
    await short.closed;
    await other.stop();
  });
});
