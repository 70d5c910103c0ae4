import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeEmbeddingProvider } from "../support/embedding/fake-embedding-provider.ts";
import { blockWith, guideBlocks, noGuide, runPython } from "../support/pages/guide.ts";
import { pythonMissing } from "../support/pages/pages.ts";
import { createLibrary, createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { because } from "../support/skipping.ts";
import { line, uploadUrl } from "../support/peers/upload.ts";
import { WatchedRelay } from "../support/peers/watched-relay.ts";

/** Embeds when it is let; so an upload takes as long as a test likes. */
const provider = new FakeEmbeddingProvider(8);
let server: TestServer;

beforeAll(async () => {
  server = await startServer({
    ARRWDB_EMBEDDING: "openai-compatible:model",
    ARRWDB_EMBEDDING_BASE_URL: `${await provider.start()}/v1`,
    ARRWDB_EMBEDDING_DIMENSION: "8",
  });
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
});

const documents = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify({ title: `${index}`, texts: [`${index} ${Math.random()}`] }),
  );

/** What is heard of an answer. */
class Listener {
  text = "";
  status = 0;
  headers: Readonly<Record<string, unknown>> = {};
  readonly ended: Promise<unknown>;
  #changed = Promise.withResolvers<void>();

  constructor(id: string, body: string, headers: Readonly<Record<string, string>> = {}) {
    const sent = request(uploadUrl(server.url, id), { method: "POST", headers: { ...headers }, agent: false });
    const ended = Promise.withResolvers<void>();
    this.ended = ended.promise;
    sent.on("error", ended.reject).on("response", (response) => {
      this.status = response.statusCode ?? 0;
      this.headers = response.headers;
      response.setEncoding("utf8").on("data", (part) => {
        this.text += String(part);
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      });
      response.on("end", ended.resolve).on("error", ended.reject);
    });
    sent.end(body);
  }

  async heard(characters: number): Promise<void> {
    while (this.text.length < characters) await this.#changed.promise;
  }
}

const missing = (await pythonMissing()) ?? noGuide;

describe("An upload that is answered in one piece", () => {
  it("hears headers and white space while it waits, and then the whole answer", async () => {
    const { id } = await createLibrary(server.url);
    const release = provider.hold();
    const answer = new Listener(id, documents(1_000).join("\n"));
    await answer.heard(2);
    expect(answer.text.trim()).toBe("");
    expect(answer).toMatchObject({
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8", "x-accel-buffering": "no" },
    });
    release();
    await answer.ended;
    const { successful, failed, results, aborted } = ingestionResponse.parse(JSON.parse(answer.text));
    expect({ successful, failed, results: results.length, aborted }).toEqual({
      successful: 1_000,
      failed: 0,
      results: 1_000,
      aborted: undefined,
    });
  });

  it("hears nothing before it has been sent, so that an error has its own status", async () => {
    const { id } = await createVectorLibrary(server.url);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    let heard = "";
    socket.on("data", (data: Buffer) => (heard += data.toString()));
    socket.write(
      `POST /v1/libraries/${id}/documents/stream HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 3\r\n\r\n\n\n`,
    );
    // The answer to another upload that waits shows that this one could have been answered early, too.
    const release = provider.hold();
    const other = new Listener((await createLibrary(server.url)).id, documents(1).join("\n"));
    await other.heard(2);
    expect(heard).toBe("");
    socket.write("\n");
    await once(socket, "close");
    expect(heard).toMatch(/^HTTP\/1\.1 400 .*"code":"empty_body"/s);
    release();
    await other.ended;
  });

  it("ends its answer with what was stored when it fails after the answer has begun", async () => {
    const { id } = await createLibrary(server.url);
    const release = provider.hold();
    const answer = new Listener(id, documents(600).join("\n"));
    await answer.heard(1);
    await fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE" });
    release();
    await answer.ended;
    const { successful, failed, results, aborted } = ingestionResponse.parse(JSON.parse(answer.text));
    expect({ status: answer.status, successful, aborted }).toMatchObject({
      status: 200,
      successful: 0,
      aborted: { error_code: "library_deleted" },
    });
    expect(results).toHaveLength(failed);
  });

  it.skipIf(missing !== undefined)(
    `by the guide's own program ends well on a server that is slow${because(missing)}`,
    async () => {
      const { id } = await createLibrary(server.url);
      await using relay = await WatchedRelay.start(server.url);
      const program = blockWith(await guideBlocks("python"), "def stream_documents")
        .split("# Example usage")[0]
        ?.replace("localhost:8000", `127.0.0.1:${relay.port}`)
        .replace("timeout=30", "timeout=5");
      const release = provider.hold();
      const printed = runPython(
        `${program}
documents = [{"title": f"Doc {n}", "texts": [f"Content {n}"]} for n in range(1000)]
result = stream_documents("${id}", documents)
print(result["successful"], result["failed"], len(result["results"]))`,
      );
      // A second lies between two of them, so the program's patience is over by then.
      await relay.heard(7);
      release();
      expect((await printed).trim()).toBe("1000 0 1000");
    },
  );
});

describe("Receipts as they come", () => {
  const receipts = { accept: "application/x-ndjson" };

  it("come while the body is sent, and behind a proxy when it has arrived or its sender pauses", async () => {
    const { id } = await createVectorLibrary(server.url);
    const proxies: readonly Readonly<Record<string, string>>[] = [
      {},
      { via: "1.1 proxy" },
      { forwarded: "for=192.0.2.1" },
      { "x-forwarded-for": "192.0.2.1" },
      { "x-real-ip": "192.0.2.1" },
    ];
    for (const headers of proxies) {
      const sent = request(uploadUrl(server.url, id), { method: "POST", headers: { ...receipts, ...headers } });
      const answered = once(sent, "response");
      sent.write(`${line({ title: "first" })}\n`);
      const [response] = await answered;
      sent.end(line({ title: "second" }));
      let text = "";
      for await (const part of response) text += String(part);
      expect(text.trim().split("\n")).toHaveLength(3);
    }
  });

  it("are none lost and in order where they were held back", async () => {
    const { id } = await createVectorLibrary(server.url);
    const lines = Array.from({ length: 8_000 }, (_, index) => line({ title: `${index}` }));
    const response = await fetch(uploadUrl(server.url, id), {
      method: "POST",
      headers: { ...receipts, "x-forwarded-for": "192.0.2.1" },
      body: lines.join("\n"),
    });
    const told = (await response.text())
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text));
    expect(told.slice(0, -1).map((result) => result.line)).toEqual(lines.map((_, index) => index + 1));
    expect(told.at(-1)).toMatchObject({ summary: { successful: 8_000 } });
  });
});
