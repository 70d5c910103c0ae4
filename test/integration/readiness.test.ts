import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { readConfig } from "../../server/src/settings/config.ts";
import { Readiness } from "../../server/src/listener/readiness.ts";
import { ArrwServer } from "../../server/src/server.ts";
import { createLogger } from "../../server/src/telemetry/logger.ts";
import { answerIn, head, RawPeer } from "../support/peers/raw-peer.ts";
import { createVectorLibrary, startServer, temporaryDirectory } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { eventually, within } from "../support/waiting.ts";

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const newServer = () =>
  new ArrwServer(
    readConfig([], { PORT: "0", ARRWDB_DATA_DIR: directory, LOG_LEVEL: "silent" }),
    createLogger("silent"),
  );

/** Data of a release before there was search by text: it takes a while to open. */
async function writeOldData(chunks: number): Promise<void> {
  const server = await startServer({ ARRWDB_DATA_DIR: directory });
  const { id } = await createVectorLibrary(server.url);
  const text = "some words that have to be indexed before anybody may search for them ".repeat(20);
  const line = JSON.stringify({
    title: "T",
    chunks: Array.from({ length: 100 }, () => ({ text, embedding: [1, 0, 0, 0] })),
  });
  const lines = Array.from({ length: chunks / 100 }, () => line).join("\n");
  expect(await resultsOf(uploadTo(uploadUrl(server.url, id), lines))).toMatchObject({ failed: 0 });
  await server.stop();
  const database = new DatabaseSync(join(directory, "arrwdb.sqlite"));
  database.exec(`
    INSERT INTO postings(postings) VALUES ('delete-all'); DELETE FROM text_lengths; DELETE FROM text_totals;
    INSERT INTO text_backfill SELECT 0, max(key) FROM chunks;
  `);
  database.close();
}

describe("A server that starts", () => {
  it("listens at once, and tells what it does until it is ready", async () => {
    await writeOldData(8_000);
    const server = newServer();
    const started = server.start();
    await eventually(() => server.address);
    const url = server.address;

    const reasons: string[] = [];
    for (;;) {
      const response = await fetch(`${url}/ready`);
      if (response.ok) break;
      expect(response.status).toBe(503);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      const { code, retryable, detail } = problem.parse(await response.json());
      expect({ code, retryable }).toEqual({ code: "starting", retryable: true });
      if (reasons.at(-1) !== detail) reasons.push(detail);
      if (!detail.includes("older texts")) continue;

      // While it opens, it lives, and refuses everything else in words.
      expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok" });
      const listed = await fetch(`${url}/v1/libraries`, { headers: { "x-request-id": "mine" } });
      expect(problem.parse(await listed.json())).toMatchObject({ status: 503, code: "starting", request_id: "mine" });
      expect(listed.headers.get("x-request-id")).toBe("mine");
      const posted = await fetch(`${url}/v1/libraries`, { method: "POST", body: "x".repeat(1_000_000) });
      expect(posted.status).toBe(503);
      const socket = new WebSocket(`${url.replace("http", "ws")}/v1/libraries/x/ws`);
      const [error]: unknown[] = await once(socket, "error");
      expect(String(error)).toContain("503");
    }
    expect(reasons).toContain("The server is making older texts searchable");
    await started;
    expect((await fetch(`${url}/v1/libraries`)).status).toBe(200);
    expect(await (await fetch(`${url}/ready`)).json()).toEqual({ status: "ready" });
    await server.drain(5_000);
    await server.stop();
  });

  it("closes its port again when it cannot start", async () => {
    await mkdir(join(directory, "arrwdb.sqlite"));
    const server = newServer();
    await expect(server.start()).rejects.toThrow("I/O error");
    expect(() => server.address).toThrow("does not listen");
  });

  it("can be stopped before it is ready", async () => {
    const server = newServer();
    const started = server.start().catch(() => undefined);
    await eventually(() => server.address);
    const { port } = new URL(server.address);
    await server.drain(5_000);
    await server.stop();
    await started;
    // It has let go of the data, too.
    await (await startServer({ ARRWDB_DATA_DIR: directory })).stop();
    const [refused]: unknown[] = await once(connect(Number(port), "127.0.0.1"), "error");
    expect(String(refused)).toContain("ECONNREFUSED");
  });
});

describe("A server that stops", () => {
  it("is not ready, answers what is in progress and closes sockets with 1001", async () => {
    const server = await startServer({ ARRWDB_DATA_DIR: directory });
    const { id } = await createVectorLibrary(server.url);
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);

    // An upload whose client takes its time, on a connection of its own.
    const parts = new TransformStream<Uint8Array, Uint8Array>();
    const writer = parts.writable.getWriter();
    const line = (title: string) =>
      new TextEncoder().encode(`${JSON.stringify({ title, chunks: [{ text: "x", embedding: [1, 0, 0, 0] }] })}\n`);
    const upload = fetch(uploadUrl(server.url, id), {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson" },
      body: parts.readable,
      duplex: "half",
    });
    await writer.write(line("before"));
    const response = await upload;
    const receipts = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await receipts?.read();
    expect(first?.value).toContain('"title":"before"');

    const stopped = server.stop();
    expect((await socket.closed).code).toBe(1001);
    await writer.write(line("while it drains"));
    await writer.close();
    let rest = "";
    for (let part = await receipts?.read(); part?.value !== undefined; part = await receipts?.read())
      rest += part.value;
    expect(rest).toContain('"title":"while it drains"');
    expect(rest).toContain('"successful":2,"failed":0');
    await stopped;

    const again = await startServer({ ARRWDB_DATA_DIR: directory });
    const found = await fetch(`${again.url}/v1/libraries/${id}`);
    expect(await found.json()).toMatchObject({ num_documents: 2 });
    await again.stop();
  });

  it("waits for nobody who has asked for nothing, such as a connection that a browser opens ahead", async () => {
    const { server, url, stop } = await startServer({ ARRWDB_DATA_DIR: directory });
    const { hostname, port, host } = new URL(url);
    const open = async (said: string) => {
      const socket = connect(Number(port), hostname).setEncoding("utf8");
      await once(socket, "connect");
      socket.write(said);
      return socket;
    };
    const answered = await open(`GET /health HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    await once(answered, "data");
    const others = await Promise.all(["", "GET /health HT"].map(open));
    const ended = [answered, ...others].map((socket) => once(socket.resume(), "close"));
    // The server has them all.
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok" });
    await within(server.drain(1_000_000), "the connections to be closed");
    await Promise.all(ended);
    await stop();
  });
});

describe("A server that stops while it answers", () => {
  it("closes each connection with its answer, whatever its client would keep it for", async () => {
    const { server, url, stop } = await startServer({ ARRWDB_DATA_DIR: directory });
    const { hostname, port, host } = new URL(url);
    const { id } = await createVectorLibrary(url);
    const open = async (...said: string[]) => {
      const socket = connect(Number(port), hostname).setEncoding("utf8");
      let heard = "";
      socket.on("data", (text: string) => (heard += text));
      await once(socket, "connect");
      socket.write(`${said.join("\r\n")}\r\nhost: ${host}\r\n\r\n`);
      return { socket, heard: () => heard };
    };
    const listener = await open(`GET /v1/libraries/${id}/events HTTP/1.1`, "accept: text/event-stream");
    const [post, type] = [`POST /v1/libraries/${id}/documents/stream HTTP/1.1`, "content-type: application/x-ndjson"];
    const body = `${JSON.stringify({ title: "T", chunks: [{ text: "some text", embedding: [1, 0, 0, 0] }] })}\n`;
    const uploader = await open(post, type, `content-length: ${body.length}`, "expect: 100-continue");
    await eventually(() => listener.heard().includes("event: progress") && uploader.heard().includes("100 Continue"));

    const ended = [listener, uploader].map(({ socket }) => once(socket, "close"));
    const drained = server.drain(1_000_000);
    uploader.socket.write(body);
    await within(drained, "the connections to be closed");
    await Promise.all(ended);
    expect(listener.heard()).toMatch(/event: ended\n.*shutting_down.*\n\n\r\n0\r\n\r\n$/s);
    expect(uploader.heard()).toContain('"successful":1');
    await stop();
  });
});

describe("A server that stops while refused clients go on sending", () => {
  const endless = "transfer-encoding: chunked";
  it.each([
    ["at no address", head("POST /nowhere", endless), 404],
    ["at the door", `POST /nowhere HTTP/1.1\r\n${endless}\r\n\r\n`, 400],
    ["with an upload", head(`POST /v1/libraries/${randomUUID()}/documents/stream`, endless), 404],
  ])("waits for none of those that were refused %s", async (_where, request, status) => {
    const { server, url, stop } = await startServer({ ARRWDB_DATA_DIR: directory });
    const peer = await RawPeer.connect(url);
    peer.send(request);
    expect(answerIn(await peer.until("request_id")).status).toBe(status);
    const sending = setInterval(() => peer.send("1\r\n \r\n"), 100);
    // For others it would wait half a minute.
    await within(server.drain(1_000_000), "the connection to be closed", 25_000);
    clearInterval(sending);
    await peer.closed;
    await stop();
  });
});

describe("A server that stops with sockets open", () => {
  it("waits for no peer that is gone, or that answers the close and keeps its side open", async () => {
    const { server, url, stop } = await startServer({ ARRWDB_DATA_DIR: directory });
    const { id } = await createVectorLibrary(url);
    const key = "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    const upgrade = `GET /v1/libraries/${id}/ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n${key}\r\n`;
    const { hostname, port } = new URL(url);
    const open = async () => {
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      socket.write(upgrade);
      await once(socket, "data");
      return socket;
    };
    const gone = await open();
    gone.pause();
    const lingering = await open();
    const heard = once(lingering, "data");

    const drained = server.drain(1_000_000);
    const [closeFrame]: unknown[] = await heard;
    expect(closeFrame).toMatchObject({ 0: 0x88, 2: 1001 >> 8, 3: 1001 & 0xff });
    lingering.write(new Uint8Array([0x88, 0x82, 0, 0, 0, 0, 1001 >> 8, 1001 & 0xff]));
    await within(drained, "the sockets to be closed", 20_000);
    for (const socket of [gone, lingering]) socket.destroy();
    await stop();
  });
});

describe("Readiness", () => {
  it("goes from starting over recovering to ready", () => {
    const readiness = new Readiness();
    expect(readiness.refusal).toMatchObject({ code: "starting" });
    readiness.starting("loading");
    expect(readiness.refusal?.message).toBe("The server is loading");
    readiness.recovering("looking");
    readiness.starting("loading");
    expect(readiness.refusal?.message).toBe("The server is looking");
    readiness.ready();
    expect([readiness.refusal, readiness.isReady]).toEqual([undefined, true]);
  });

  it("ends with draining or a failure, whatever comes after", () => {
    const readiness = new Readiness();
    readiness.draining();
    readiness.recovering("looking");
    readiness.ready();
    expect(readiness.refusal).toMatchObject({ code: "shutting_down" });
    readiness.failed();
    readiness.draining();
    readiness.ready();
    expect(readiness.refusal).toMatchObject({ code: "storage_failed" });
  });
});
