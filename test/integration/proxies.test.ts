import { once } from "node:events";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { adminKey } from "../support/server/access.ts";
import { FakeEmbeddingProvider } from "../support/embedding/fake-embedding-provider.ts";
import { pathOf, type ProxyName, type RunningProxy, startProxy } from "../support/peers/real-proxy.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";
import { describeUnless } from "../support/skipping.ts";
import { line } from "../support/peers/upload.ts";

/** Embeds when it is let; so an upload takes as long as a test likes. */
const provider = new FakeEmbeddingProvider(4);
let server: TestServer;
let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startServer({
    ARRWDB_ADMIN_KEY: adminKey,
    ARRWDB_EMBEDDING: "openai-compatible:model",
    ARRWDB_EMBEDDING_BASE_URL: `${await provider.start()}/v1`,
    ARRWDB_EMBEDDING_DIMENSION: "4",
  });
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
  await rm(directory, { recursive: true, force: true });
});

const names: readonly ProxyName[] = ["nginx", "haproxy"];
const installed = await Promise.all(names.map(pathOf));
const authorization = `Bearer ${adminKey}`;

for (const [index, name] of names.entries()) {
  describeUnless(
    installed[index] === undefined ? `${name} is not installed` : undefined,
    `Behind ${name}, as the page configures it`,
    () => {
      let proxy: RunningProxy;
      let library: string;

      beforeAll(async () => {
        // A proxy that waits for less than the page's, so that what takes long need not take so long here.
        proxy = await startProxy(name, `${directory}/${name}`, new URL(server.url), "10s");
        const created = await ask(
          "POST",
          "/v1/libraries",
          { "content-type": "application/json" },
          '{"name": "proxied"}',
        );
        library = `/v1/libraries/${JSON.parse(await textOf(created)).id}`;
      });
      afterAll(() => proxy[Symbol.asyncDispose]());

      const open = (method: string, path: string, headers: Readonly<Record<string, string>> = {}) => {
        const options: RequestOptions = {
          method,
          host: "127.0.0.1",
          port: proxy.port,
          path,
          rejectUnauthorized: false,
        };
        return request({ ...options, agent: false, headers: { authorization, ...headers } });
      };
      async function ask(
        method: string,
        path: string,
        headers: Readonly<Record<string, string>> = {},
        body = "",
      ): Promise<IncomingMessage> {
        const sent = open(method, path, headers);
        const answered = answerTo(sent);
        sent.end(body);
        return answered;
      }
      const origin = () => `https://127.0.0.1:${proxy.port}`;

      it("uploads of any size are stored, in one piece and as receipts", async () => {
        const text = "word ".repeat(10_000);
        const lines = Array.from({ length: 200 }, (_, at) =>
          line({ title: `${at}`, chunks: [{ text, embedding: [1, 0, 0, 1 / (at + 1)] }] }),
        ).join("\n");
        const whole = await ask("POST", `${library}/documents/stream`, {}, lines);
        expect(ingestionResponse.parse(JSON.parse(await textOf(whole)))).toMatchObject({ successful: 200, failed: 0 });
        const receipts = await ask("POST", `${library}/documents/stream`, { accept: "application/x-ndjson" }, lines);
        const told = (await textOf(receipts)).trim().split("\n");
        expect(told).toHaveLength(201);
        expect(JSON.parse(told.at(-1) ?? "")).toMatchObject({ summary: { successful: 200 } });
      });

      it("ids of documents arrive as they were sent", async () => {
        for (const id of ["https://a.b/c?d#e", "a//b/../c", "100%", "%2F", "a b", "\u6587"]) {
          const path = `${library}/documents/${encodeURIComponent(id)}`;
          const body = line({ title: "t" });
          await textOf(await ask("PUT", path, { "content-type": "application/json" }, body));
          expect(JSON.parse(await textOf(await ask("GET", path)))).toMatchObject({ document: { id } });
        }
      });

      it("receipts come while the upload is open", async () => {
        const sent = open("POST", `${library}/documents/stream`, { accept: "application/x-ndjson" });
        const answered = answerTo(sent);
        sent.write(`${line({ title: "first" })}\n`);
        const response = await answered;
        response.setEncoding("utf8");
        const [first]: unknown[] = await once(response, "data");
        expect(JSON.parse(String(first).split("\n")[0] ?? "")).toMatchObject({ success: true, line: 1 });
        const rest = textOf(response);
        sent.end(line({ title: "second" }));
        expect(await rest).toContain('"successful":2');
      });

      it("an upload that takes longer than the proxy waits has its whole answer", async () => {
        const release = provider.hold();
        const documents = Array.from({ length: 1_000 }, (_, at) =>
          JSON.stringify({ title: `${at}`, texts: [`${name} ${at} ${"words ".repeat(200)}`] }),
        );
        const answer = await ask("POST", `${library}/documents/stream`, {}, documents.join("\n"));
        expect(answer.statusCode).toBe(200);
        let text = "";
        for await (const part of answer) {
          text += String(part);
          // A second lies between two of them.
          if (text.length > 12) release();
        }
        expect(text.slice(0, 12)).toBe("\n".repeat(12));
        const { successful, results, aborted } = ingestionResponse.parse(JSON.parse(text));
        expect({ successful, results: results.length, aborted }).toEqual({
          successful: 1_000,
          results: 1_000,
          aborted: undefined,
        });
      });

      it("events come when they happen", async () => {
        const stream = await ask("GET", `${library}/events?from_seq=0&events=library.created`, {
          accept: "text/event-stream",
        });
        let heard = "";
        for await (const part of stream) {
          heard += String(part);
          if (heard.includes('"type":"library.created"')) break;
        }
        expect(stream.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
      });

      it("WebSockets open for the proxy's own pages and no others", async () => {
        const url = `wss://127.0.0.1:${proxy.port}${library}/ws`;
        const options = { rejectUnauthorized: false, headers: { authorization } };
        const own = new WebSocket(url, { ...options, origin: origin() });
        await once(own, "open");
        own.send(JSON.stringify({ request_id: "1", action: "search", data: { embedding: [1, 0, 0, 0], k: 1 } }));
        const [answer]: unknown[] = await once(own, "message");
        expect(JSON.parse(String(answer))).toMatchObject({ request_id: "1", success: true });
        own.close();
        await once(own, "close");
        const foreign = new WebSocket(url, { ...options, origin: "https://evil.example" });
        const [error]: unknown[] = await once(foreign, "error");
        expect(String(error)).toContain("403");
      });

      it("pages of the proxy's own origin sign in, with a cookie for TLS alone", async () => {
        const json = { "content-type": "application/json" };
        const body = JSON.stringify({ key: adminKey });
        const own = await ask("POST", "/v1/browser-session", { ...json, origin: origin() }, body);
        expect([own.statusCode, String(own.headers["set-cookie"])]).toEqual([
          200,
          expect.stringMatching(/HttpOnly.*Secure/),
        ]);
        const foreign = await ask("POST", "/v1/browser-session", { ...json, origin: "https://evil.example" }, body);
        expect(foreign.statusCode).toBe(403);
        own.resume();
        foreign.resume();
      });
    },
  );
}

async function answerTo(sent: ReturnType<typeof request>): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.on("response", resolve).on("error", reject);
  return promise;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of response) text += String(part);
  return text;
}
