import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { ingestionResponse } from "@arrwdb/protocol/ingestion";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAccess } from "../../server/src/access/create-access.ts";
import { createServices } from "../../server/src/core/services.ts";
import { createWebhooks } from "../../server/src/core/webhooks/webhook-service.ts";
import { Embedders } from "../../server/src/embedding/embedders.ts";
import { createApp } from "../../server/src/http/app.ts";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { noMonitor } from "../../server/src/telemetry/monitor.ts";
import { createVectorLibrary, temporaryDirectory } from "../support/server.ts";
import { line } from "../support/upload.ts";

let directory: string;
let store: EmbeddedStore;
let app: FastifyInstance;
let url: string;

/** The real parts, with less patience than the server has. */
beforeAll(async () => {
  directory = await temporaryDirectory();
  store = await EmbeddedStore.open({ directory });
  const embedders = new Embedders({
    settings: { embedding: "builtin" },
    ledger: store,
    onLedgerError: () => undefined,
  });
  const settings = {
    spoolDirectory: join(directory, "spool"),
    isSecure: false,
    consoleDirectory: "/nowhere",
    projectDirectory: "/nowhere",
    spoolLimit: 2_000,
    stallTimeout: 300,
    requestsPerAddress: 512,
    maxStreams: 10,
    draining: new AbortController().signal,
    stopping: new AbortController().signal,
  };
  const onFault = () => undefined;
  const access = await createAccess(store.keys, {
    adminKey: undefined,
    host: "127.0.0.1",
    corsOrigins: [],
    filePages: false,
    usage: {
      requestsPerMinute: undefined,
      concurrentRequests: undefined,
      connections: undefined,
      bodyBytes: undefined,
    },
    onFault,
  });
  const allowed = { own: false, networks: [] };
  const { webhooks } = createWebhooks(store, store.webhooks, {
    allowed,
    timeout: 300,
    firstRetry: 300,
    monitor: noMonitor,
    onFault,
  });
  const services = createServices(store, embedders, webhooks, onFault);
  app = createApp({ services, access, settings, refusal: () => undefined }, pino({ level: "silent" }));
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  app.server.closeAllConnections();
  await app.close();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const head = (id: string, length: number) =>
  `POST /v1/libraries/${id}/documents/stream HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${length}\r\n\r\n`;

async function answerTo(text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (data: Buffer) => (answer += data.toString()));
  socket.write(text);
  await once(socket, "close");
  return answer;
}

it("tells a client that stopped sending which lines were committed", async () => {
  const { id } = await createVectorLibrary(url);
  const answer = await answerTo(`${head(id, 100_000)}${line({ title: "whole" })}\n{"title": "ha`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  // The answer is sent in chunks, each behind a line with its length.
  const [, ...parts] = (answer.split("\r\n\r\n")[1] ?? "").split(/(?:^|\r\n)[0-9a-f]+\r\n/);
  const body = parts.join("").replace(/\r\n0$/, "");
  expect(ingestionResponse.parse(JSON.parse(body))).toMatchObject({
    successful: 1,
    failed: 0,
    aborted: { error_code: "upload_stalled" },
  });
});

it("answers a client that sends nothing with 408", async () => {
  const { id } = await createVectorLibrary(url);
  const answer = await answerTo(head(id, 100));
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain("upload_stalled");
});

it("ends an upload whose results nobody could keep, and tells what came of the lines that it read", async () => {
  const { id } = await createVectorLibrary(url);
  const body = "x\n".repeat(100_000);
  const response = await fetch(`${url}/v1/libraries/${id}/documents/stream`, { method: "POST", body });
  const answer = ingestionResponse.parse(await response.json());
  expect(answer.aborted).toMatchObject({ error_code: "answer_too_large" });
  expect(answer.results).toHaveLength(answer.failed);
  expect(answer.failed).toBeGreaterThan(5);
  expect(answer.failed).toBeLessThan(1_000);
});
