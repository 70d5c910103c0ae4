import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCodes } from "@arrwdb/protocol/errors/error-table";
import { FakeEmbeddingProvider } from "../support/embedding/fake-embedding-provider.ts";
import { Scrape } from "../support/metrics.ts";
import {
  createLibrary,
  createVectorLibrary,
  post,
  startServer,
  type TestServer,
} from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { LibraryWebhooks } from "../support/peers/webhook-calls.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let provider: FakeEmbeddingProvider;
beforeAll(async () => {
  provider = new FakeEmbeddingProvider(8);
  server = await startServer({
    ARRWDB_EMBEDDING: "openai-compatible:fake",
    ARRWDB_EMBEDDING_BASE_URL: await provider.start(),
    ARRWDB_EMBEDDING_DIMENSION: "8",
    ARRWDB_WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8",
  });
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
});

const document = (title: string) => ({ title, chunks: [{ text: title, embedding: [1, 0, 0, 0] }] });
const urlOf = (libraryId: string, path: string) => `${server.url}/v1/libraries/${libraryId}${path}`;

type Labels = Readonly<Record<string, string>>;
type Expectation = readonly [name: string, labels: Labels, change: number];

/** By how much each metric moves while something happens: what was expected, or what it is after a while. */
async function moves(
  happen: () => Promise<unknown>,
  expected: readonly Expectation[],
): Promise<readonly Expectation[]> {
  const before = await Scrape.of(server.url);
  await happen();
  for (let tries = 50; ; tries--) {
    const after = await Scrape.of(server.url);
    const moved = expected.map(([name, labels]): Expectation => {
      return [name, labels, after.value(name, labels) - before.value(name, labels)];
    });
    if (tries === 0 || isDeepStrictEqual(moved, expected)) return moved;
  }
}

describe("/metrics", () => {
  it("is Prometheus' text format, with the process beside the server", async () => {
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const scrape = new Scrape(await response.text());
    expect(scrape.documented).toEqual(
      expect.arrayContaining(["arrwdb_info", "nodejs_eventloop_lag_p99_seconds", "process_resident_memory_bytes"]),
    );
    expect(new Set(scrape.documented).size).toBe(scrape.documented.length);
    expect(scrape.value("arrwdb_ready")).toBe(1);
    for (const source of ["writing", "searching", "live", "disk"]) {
      expect(scrape.value("arrwdb_scrape_source_up", { source })).toBe(1);
    }
    for (const name of ["arrwdb_disk_free_bytes", "arrwdb_disk_size_bytes", "arrwdb_database_bytes"]) {
      expect(scrape.value(name)).toBeGreaterThan(0);
    }
  });

  it("times requests by their route", async () => {
    const { id } = await createVectorLibrary(server.url);
    const route = { method: "GET", route: "/v1/libraries/:library_id", status: "2xx" };
    {
      const expected: readonly Expectation[] = [["arrwdb_http_request_duration_seconds", route, 1]];
      expect(await moves(() => fetch(urlOf(id, "")), expected)).toEqual(expected);
    }
  });

  it("has as many labels as there are routes, whatever addresses and methods people try", async () => {
    const tried = Array.from({ length: 50 }, (_each, number) => `${server.url}/nowhere/${number}`);
    const unmatched = { route: "unmatched", status: "4xx" };
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_http_request_duration_seconds", unmatched, 50],
        ["arrwdb_errors_total", { transport: "http", code: "route_not_found" }, 50],
      ];
      expect(await moves(() => Promise.all(tried.map((url) => fetch(url))), expected)).toEqual(expected);
    }
    const scrape = await Scrape.of(server.url);
    expect(scrape.valuesOf("route").filter((route) => route.includes("nowhere"))).toEqual([]);
    expect(scrape.valuesOf("route").length).toBeLessThan(40);
    const codes = new Set<string>(errorCodes);
    expect(scrape.valuesOf("code").filter((code) => !codes.has(code))).toEqual([]);
  });

  it("counts what an upload brings: lines, bytes, documents, chunks, commits and events", async () => {
    const { id } = await createVectorLibrary(server.url);
    const lines = [JSON.stringify(document("a")), "not JSON", JSON.stringify(document("b"))];
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_ingest_lines_total", { outcome: "stored" }, 2],
        ["arrwdb_ingest_lines_total", { outcome: "failed" }, 1],
        ["arrwdb_errors_total", { transport: "line", code: "malformed_json" }, 1],
        ["arrwdb_ingest_bytes_total", {}, bytes],
        ["arrwdb_documents_written_total", {}, 2],
        ["arrwdb_chunks_written_total", {}, 2],
        ["arrwdb_events_published_total", { type: "document.added" }, 2],
        ["arrwdb_uploads_in_progress", {}, 0],
        ["arrwdb_ingest_buffered_bytes", {}, 0],
      ];
      expect(
        await moves(async () => (await uploadTo(uploadUrl(server.url, id), lines.join("\n"))).text(), expected),
      ).toEqual(expected);
    }
  });

  it("counts lines that were sent again", async () => {
    const { id } = await createVectorLibrary(server.url);
    const send = async () => {
      const headers = { "content-type": "application/x-ndjson", "idempotency-key": "one" };
      const body = JSON.stringify(document("once"));
      return (await fetch(uploadUrl(server.url, id), { method: "POST", headers, body })).text();
    };
    await send();
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_ingest_lines_total", { outcome: "replayed" }, 1],
        ["arrwdb_documents_written_total", {}, 0],
      ];
      expect(await moves(send, expected)).toEqual(expected);
    }
  });

  it("counts commits and the writes in them", async () => {
    const { id } = await createVectorLibrary(server.url);
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_commits_total", {}, 1],
        ["arrwdb_writes_total", {}, 1],
      ];
      expect(await moves(() => post(urlOf(id, "/documents"), document("a")), expected)).toEqual(expected);
    }
  });

  it("times searches, and tells how they were answered", async () => {
    const { id } = await createVectorLibrary(server.url);
    await post(urlOf(id, "/documents"), document("a"));
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_searches_total", { exact: "true" }, 1],
        ["arrwdb_search_plans_total", {}, 1],
        ["arrwdb_search_stage_duration_seconds", { stage: "store" }, 1],
        ["arrwdb_search_stage_duration_seconds", { stage: "embed" }, 0],
      ];
      expect(await moves(() => post(urlOf(id, "/search"), { embedding: [1, 0, 0, 0] }), expected)).toEqual(expected);
    }
    {
      const expected: readonly Expectation[] = [["arrwdb_search_plans_total", { plan: "text" }, 1]];
      const byWords = () => post(urlOf(id, "/search"), { query: "a", mode: "text" });
      expect(await moves(byWords, expected)).toEqual(expected);
    }
    const scrape = await Scrape.of(server.url);
    expect(scrape.value("arrwdb_library_searches", { library: id })).toBe(2);
    expect(scrape.value("arrwdb_index_libraries", { kind: "flat" })).toBeGreaterThan(0);
    expect(scrape.value("arrwdb_index_chunks", { kind: "flat" })).toBeGreaterThan(0);
    expect(scrape.value("arrwdb_index_memory_bytes", { kind: "flat" })).toBeGreaterThan(0);
  });

  it("measures the recall of approximate answers", async () => {
    const random = seededRandom(5);
    const vector = () => [...randomUnitVector(8, random)];
    const { id } = await createLibrary(server.url, { embedding_model: "none", dimension: 8, index: { type: "hnsw" } });
    const lines = Array.from({ length: 3_000 }, (_each, number) =>
      JSON.stringify({ title: `${number}`, chunks: [{ text: "x", embedding: vector() }] }),
    );
    await (await uploadTo(uploadUrl(server.url, id), lines.join("\n"))).text();
    await eventually(
      async () => {
        await post(urlOf(id, "/search"), { embedding: vector(), k: 10 });
        const scrape = await Scrape.of(server.url);
        expect(scrape.value("arrwdb_recall_samples_total")).toBeGreaterThan(0);
        expect(scrape.value("arrwdb_recall_ratio")).toBeGreaterThan(0.5);
        expect(scrape.value("arrwdb_library_recall_ratio", { library: id })).toBeGreaterThan(0.5);
        expect(scrape.value("arrwdb_searches_total", { exact: "false" })).toBeGreaterThan(0);
        expect(scrape.value("arrwdb_index_libraries", { kind: "hnsw" })).toBe(1);
      },
      { within: 30_000 },
    );
  });

  it("counts what a model is asked for, and what need not be asked", async () => {
    const { id } = await createLibrary(server.url);
    const model = "openai-compatible:fake";
    const add = (text: string) => post(urlOf(id, "/documents"), { title: "t", text });
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_embedding_duration_seconds", { model, purpose: "document" }, 1],
        ["arrwdb_embedding_texts_total", { model, purpose: "document" }, 1],
        ["arrwdb_embedding_texts_in_progress", { model, purpose: "document" }, 0],
        ["arrwdb_embedding_lookups_total", { cache: "document", outcome: "miss" }, 1],
      ];
      expect(await moves(() => add("a new text"), expected)).toEqual(expected);
    }
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_embedding_texts_total", { model, purpose: "document" }, 0],
        ["arrwdb_embedding_lookups_total", { cache: "document", outcome: "hit" }, 1],
      ];
      expect(await moves(() => add("a new text"), expected)).toEqual(expected);
    }
    const search = () => post(urlOf(id, "/search"), { query: "what is new" });
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_embedding_duration_seconds", { model, purpose: "query" }, 1],
        ["arrwdb_embedding_lookups_total", { cache: "query", outcome: "miss" }, 1],
        ["arrwdb_search_stage_duration_seconds", { stage: "embed" }, 1],
      ];
      expect(await moves(search, expected)).toEqual(expected);
    }
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_embedding_duration_seconds", { model, purpose: "query" }, 0],
        ["arrwdb_embedding_lookups_total", { cache: "query", outcome: "hit" }, 1],
      ];
      expect(await moves(search, expected)).toEqual(expected);
    }
    provider.plan({ status: 400 });
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_embedding_failures_total", { model, purpose: "document", code: "embedder_rejected" }, 1],
        ["arrwdb_errors_total", { transport: "http", code: "embedder_rejected" }, 1],
      ];
      expect(await moves(() => add("a text that is refused"), expected)).toEqual(expected);
    }
    expect((await Scrape.of(server.url)).value("arrwdb_embedding_tokens_total", { model })).toBeGreaterThan(0);
  });

  it("tells of connections, subscriptions, live queries and rooms, and of what is delivered to them", async () => {
    const { id } = await createVectorLibrary(server.url);
    const open = async () => {
      const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
      await socket.request("subscribe", { events: ["document.added"] });
      await socket.request("subscribe", { query: { embedding: [1, 0, 0, 0], k: 3 } });
      await socket.request("join", { session_id: "room" });
      await socket.request("fly", {});
      return socket;
    };
    let socket: TestSocket | undefined;
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_websocket_connections", {}, 1],
        ["arrwdb_subscriptions", { kind: "websocket" }, 1],
        ["arrwdb_subscriptions", { kind: "live_queries" }, 1],
        ["arrwdb_rooms", {}, 1],
        ["arrwdb_websocket_request_duration_seconds", { action: "subscribe", outcome: "success" }, 2],
        ["arrwdb_websocket_request_duration_seconds", { action: "fly" }, 0],
        ["arrwdb_errors_total", { transport: "websocket", code: "unknown_action" }, 1],
      ];
      expect(
        await moves(async () => {
          socket = await open();
        }, expected),
      ).toEqual(expected);
    }
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_events_delivered_total", { type: "document.added" }, 1],
        ["arrwdb_live_query_updates_total", {}, 1],
        ["arrwdb_event_lag_events", {}, 0],
        ["arrwdb_event_readers_behind", {}, 0],
      ];
      expect(
        await moves(async () => {
          await post(urlOf(id, "/documents"), document("told"));
          await socket?.wait(({ type }) => type === "document.added");
          await socket?.wait(({ type }) => type === "search.updated");
        }, expected),
      ).toEqual(expected);
    }
    expect(
      (await Scrape.of(server.url)).value("arrwdb_thread_turns_total", { thread: "live", work: "take" }),
    ).toBeGreaterThan(0);
    expect((await Scrape.of(server.url)).value("arrwdb_event_delivery_seconds", { quantile: "0.99" })).toBeGreaterThan(
      0,
    );
    {
      const expected: readonly Expectation[] = [["arrwdb_websocket_connections", {}, -1]];
      expect(await moves(async () => socket?.close(), expected)).toEqual(expected);
    }
  });

  it("tells of webhooks and of how their calls end", async () => {
    await using receiver = await WebhookReceiver.start();
    const library = new LibraryWebhooks(server.url, (await createVectorLibrary(server.url)).id);
    const call = "arrwdb_webhook_call_duration_seconds";
    {
      const expected: readonly Expectation[] = [
        ["arrwdb_webhooks", { state: "active" }, 1],
        [call, { outcome: "delivered" }, 2],
      ];
      const happen = async () => {
        await library.create(receiver.url);
        await library.write(2);
        await receiver.until((calls) => calls.length === 2);
      };
      expect(await moves(happen, expected)).toEqual(expected);
    }
    receiver.answer = (response) => response.writeHead(500).end();
    const expected: readonly Expectation[] = [
      ["arrwdb_webhooks", { state: "active" }, -1],
      ["arrwdb_webhooks", { state: "retrying" }, 1],
      [call, { outcome: "refused" }, 1],
    ];
    expect(await moves(() => library.write(1), expected)).toEqual(expected);
  });

  it("does not wait for a thread that is busy", async () => {
    const { id } = await createVectorLibrary(server.url);
    const body = Array.from({ length: 2_000 }, () => JSON.stringify(document("x"))).join("\n");
    const upload = uploadTo(uploadUrl(server.url, id), body);
    const scrapes = await Promise.all(Array.from({ length: 8 }, () => Scrape.of(server.url)));
    expect(scrapes.every(({ names }) => names.includes("arrwdb_queue_length"))).toBe(true);
    await (await upload).text();
  });
});
