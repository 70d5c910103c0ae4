import { once } from "node:events";
import { connect } from "node:net";
import { ignored, type Operation } from "@arrwdb/protocol/operations/operation";
import { operations } from "@arrwdb/protocol/operations/operations";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ArrwServer } from "../../server/src/server.ts";
import { createLogger } from "../../server/src/telemetry/logger.ts";
import { documentId } from "../support/data/arbitrary-documents.ts";
import { Scrape } from "../support/metrics.ts";
import { RawPeer } from "../support/peers/raw-peer.ts";
import { eventually } from "../support/waiting.ts";
import { createVectorLibrary, post, startServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { line } from "../support/peers/upload.ts";

/* A client that hangs up is no fault of the server: neither its log nor its metrics say so. */

const lines: string[] = [];
let server: ArrwServer;
let stop: () => Promise<void>;
let library: string;

/** The machine may be busy with other things. */
const patience = { timeout: 20_000 };

beforeAll(async () => {
  const logger = createLogger("trace", { write: (text: string) => void lines.push(text) });
  // A busy machine is slow, which is no fault either.
  ({ server, stop } = await startServer({ ARRWDB_SLOW_REQUEST_MS: "0" }, { logger }));
  library = (await createVectorLibrary(server.address)).id;
  for (let count = 0; count < 20; count++) {
    const chunks = [{ text: "y".repeat(90_000), embedding: [1, 0, 0, 0] }];
    await post(`${server.address}/v1/libraries/${library}/documents`, { title: "T", chunks });
  }
});
afterAll(() => stop());

/** Sends what is given, hangs up with a reset when something has come or at once, and resolves when the server has seen it. */
async function leave(request: string, afterAnswer: boolean): Promise<void> {
  const { hostname, port } = new URL(server.address);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => socket.write(request, () => resolve()));
  if (afterAnswer) await once(socket, "data");
  socket.resetAndDestroy();
}

const idle = () =>
  expect
    .poll(async () => (await Scrape.of(server.address)).value("arrwdb_http_requests_in_progress"), patience)
    .toBe(1);

async function expectNoFault(): Promise<void> {
  await idle();
  expect(lines.filter((text) => text.includes('"stack"') || /"level":(40|50|60)/.test(text))).toEqual([]);
  const scrape = await Scrape.of(server.address);
  expect(scrape.value("arrwdb_errors_total", { code: "internal" })).toBe(0);
  expect(scrape.value("arrwdb_http_request_duration_seconds", { status: "5xx" })).toBe(0);
}

const head = (method: string, path: string, more: readonly string[] = []) =>
  `${[`${method} ${path} HTTP/1.1`, "host: localhost", ...more].join("\r\n")}\r\n\r\n`;

const table = Object.values<Operation>(operations);

describe("A client that hangs up", () => {
  it.each(table)("is no fault of ours: $id", async ({ method, path, body, stream }) => {
    expect.hasAssertions();
    const address = path.replace("{library_id}", library).replaceAll(/\{\w+\}/g, documentId);
    // What would delete the library that the others work with is sent to another one.
    const target = method === "DELETE" ? address.replace(library, documentId) : address;
    const takesBody = body !== ignored || stream !== undefined;
    const type = `content-type: ${stream === undefined ? "application/json" : "application/x-ndjson"}`;
    await leave(head(method, target), false);
    await leave(head(method, target, ["accept: application/json, text/event-stream"]), false);
    if (takesBody) await leave(`${head(method, target, [type, "content-length: 1000"])}{"title`, false);
    if (takesBody) await leave(`${head(method, target, [type, "transfer-encoding: chunked"])}5\r\n{"tit`, false);
    await expectNoFault();
  });

  it("is none where it waits for a position", async () => {
    expect.hasAssertions();
    const body = JSON.stringify({ embedding: [1, 0, 0, 0], k: 1, min_seq: 9_999 });
    const more = ["content-type: application/json", `content-length: ${body.length}`];
    await leave(`${head("POST", `/v1/libraries/${library}/search`, more)}${body}`, false);
    await expectNoFault();
  });

  it("is counted as one that did not wait", async () => {
    expect.hasAssertions();
    const counted = async () =>
      (await Scrape.of(server.address)).value("arrwdb_http_request_duration_seconds", {
        route: "/v1/libraries/:library_id/search",
        status: "4xx",
      });
    const inProgress = async () => (await Scrape.of(server.address)).value("arrwdb_http_requests_in_progress");
    const before = await counted();
    const body = JSON.stringify({ embedding: [1, 0, 0, 0], k: 1, min_seq: 9_999 });
    const more = ["content-type: application/json", `content-length: ${body.length}`];
    const peer = await RawPeer.connect(server.address);
    peer.send(`${head("POST", `/v1/libraries/${library}/search`, more)}${body}`);
    await eventually(async () => (await inProgress()) === 2);
    peer.end();
    await eventually(async () => (await counted()) === before + 1, { describe: "the request to be counted" });
    await expectNoFault();
  });

  it("is none in the middle of an answer", async () => {
    expect.hasAssertions();
    for (const path of ["export", "events?from_seq=0", "documents?limit=20"]) {
      await leave(head("GET", `/v1/libraries/${library}/${path}`), true);
    }
    await expectNoFault();
  });

  it("is none in the middle of an upload, before and after its first receipt", async () => {
    expect.hasAssertions();
    const path = `/v1/libraries/${library}/documents/stream`;
    const more = ["content-type: application/x-ndjson", "content-length: 100000", "accept: application/x-ndjson"];
    await leave(`${head("POST", path, more)}${line()}\n`, true);
    await leave(`${head("POST", path, more)}${line()}\n${line()}\n{"tit`, false);
    await expectNoFault();
  });

  it("is none over a WebSocket, before and after it is open", async () => {
    expect.hasAssertions();
    const path = `/v1/libraries/${library}/ws`;
    const upgrade = ["connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13"];
    await leave(head("GET", path, [...upgrade, "sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg=="]), false);
    await leave(head("GET", path, [...upgrade, "sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg=="]), true);
    const socket = await TestSocket.open(`${server.address.replace("http", "ws")}${path}`);
    socket.socket.send(JSON.stringify({ request_id: "1", action: "search", data: { embedding: [1, 0, 0, 0] } }));
    socket.socket.terminate();
    await socket.closed;
    await expectNoFault();
  });
});
