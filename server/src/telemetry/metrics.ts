import { type ErrorCode, errorCodes } from "@arrwdb/protocol/errors/error-table";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { protocolVersion } from "@arrwdb/protocol/version";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { EmbeddingCall, Monitor } from "./monitor.ts";
import { processMetrics } from "./process-metrics.ts";
import type { ServerState } from "./server-state.ts";
import { StateMetrics } from "./state-metrics.ts";

/** Seconds, from a search in memory to a slow provider. */
const latencies = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const transports = ["http", "websocket", "line"];
/** The codes of errors of an embedding model. */
const modelErrors = errorCodes.filter((code) => code.startsWith("embedder_"));

/** All metrics: counters updated as things happen, and state collected on scrape. */
export class Metrics implements Monitor {
  readonly #registry = new Registry();
  readonly #state = new StateMetrics();
  readonly #look: () => Promise<ServerState | undefined>;
  #rendering: Promise<string> | undefined;

  readonly #requests = this.#histogram(
    "arrwdb_http_request_duration_seconds",
    "Time from a request to the end of its response, except event streams; an upload takes as long as its client takes. 4xx includes requests whose clients did not wait for the response",
    ["method", "route", "status"],
  );
  readonly #actions = this.#histogram(
    "arrwdb_websocket_request_duration_seconds",
    "Time from a WebSocket request to its response",
    ["action", "outcome"],
  );
  readonly #errors = this.#counter(
    "arrwdb_errors_total",
    "Errors returned to clients; transport is http or websocket, or line for one line of an upload",
    ["transport", "code"],
  );
  readonly #uploads = new Gauge({
    name: "arrwdb_uploads_in_progress",
    help: "Uploads being read",
    registers: [this.#registry],
  });
  readonly #lines = this.#counter("arrwdb_ingest_lines_total", "Upload lines that have a result", ["outcome"]);
  readonly #bytes = this.#counter("arrwdb_ingest_bytes_total", "Bytes of upload lines, decompressed", []);
  readonly #documents = this.#counter("arrwdb_documents_written_total", "Documents written, over any API", []);
  readonly #chunks = this.#counter("arrwdb_chunks_written_total", "Chunks written, over any API", []);
  readonly #stages = this.#histogram(
    "arrwdb_search_stage_duration_seconds",
    "Duration of each search stage: embed computes the query's vector, store is the rest",
    ["stage"],
  );
  readonly #embeddings = this.#histogram(
    "arrwdb_embedding_duration_seconds",
    "Duration of embedding a batch of texts; its count is the number of calls",
    ["model", "purpose"],
  );
  readonly #embedding = new Gauge({
    name: "arrwdb_embedding_texts_in_progress",
    help: "Texts waiting for a model or being embedded",
    labelNames: ["model", "purpose"],
    registers: [this.#registry],
  });
  readonly #texts = this.#counter("arrwdb_embedding_texts_total", "Texts passed to a model", ["model", "purpose"]);
  readonly #tokens = this.#counter("arrwdb_embedding_tokens_total", "Tokens reported by a provider", ["model"]);
  readonly #failures = this.#counter("arrwdb_embedding_failures_total", "Texts that a model failed to embed", [
    "model",
    "purpose",
    "code",
  ]);
  readonly #webhookCalls = this.#histogram(
    "arrwdb_webhook_call_duration_seconds",
    "Duration of a webhook call; refused calls returned a status other than 2xx, unreachable ones no response",
    ["outcome"],
  );
  readonly #lookups = this.#counter(
    "arrwdb_embedding_lookups_total",
    "Cache lookups before calling a model: queries in memory, documents on disk",
    ["cache", "outcome"],
  );

  /** @param look returns the state to report on a scrape, in bounded time; undefined before there is any. */
  constructor(look: () => Promise<ServerState | undefined>) {
    this.#look = look;
    const info = new Gauge({
      name: "arrwdb_info",
      help: "Always 1; the labels are the versions that run",
      labelNames: ["protocol", "node"],
      registers: [this.#registry],
    });
    info.set({ protocol: protocolVersion, node: process.versions.node }, 1);
    this.#begin();
  }

  /**
   * Counters start at 0: one that appears with its first event has not increased as far as Prometheus can see, so the first
   * error would raise no alert.
   */
  #begin(): void {
    for (const transport of transports) for (const code of errorCodes) this.#errors.inc({ transport, code }, 0);
    for (const outcome of ["stored", "replayed", "failed"]) this.#lines.inc({ outcome }, 0);
    for (const stage of ["embed", "store"]) this.#stages.zero({ stage });
    for (const outcome of ["delivered", "refused", "unreachable"]) this.#webhookCalls.zero({ outcome });
    for (const action of Object.keys(actions)) {
      for (const outcome of ["success", "failure"]) this.#actions.zero({ action, outcome });
    }
    for (const cache of ["query", "document"]) {
      for (const outcome of ["hit", "miss"]) this.#lookups.inc({ cache, outcome }, 0);
    }
  }

  requestEnded(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
  }

  actionEnded(action: string, succeeded: boolean, seconds: number): void {
    this.#actions.observe({ action, outcome: succeeded ? "success" : "failure" }, seconds);
  }

  failed(transport: "http" | "websocket" | "line", code: ErrorCode): void {
    this.#errors.inc({ transport, code });
  }

  uploads(change: 1 | -1): void {
    this.#uploads.inc(change);
  }

  lineRead(bytes: number): void {
    this.#bytes.inc(bytes);
  }

  lineAnswered(outcome: "stored" | "replayed" | "failed"): void {
    this.#lines.inc({ outcome });
  }

  documentsWritten(documents: number, chunks: number): void {
    this.#documents.inc(documents);
    this.#chunks.inc(chunks);
  }

  searched(stage: "embed" | "store", seconds: number): void {
    this.#stages.observe({ stage }, seconds);
  }

  modelAdded(model: string): void {
    this.#tokens.inc({ model }, 0);
    for (const purpose of ["document", "query"]) {
      this.#texts.inc({ model, purpose }, 0);
      this.#embeddings.zero({ model, purpose });
      for (const code of modelErrors) this.#failures.inc({ model, purpose, code }, 0);
    }
  }

  embedding(model: string, purpose: "document" | "query", change: number): void {
    this.#embedding.inc({ model, purpose }, change);
  }

  embedded({ model, purpose, texts, failures, seconds }: EmbeddingCall): void {
    this.#embeddings.observe({ model, purpose }, seconds);
    this.#texts.inc({ model, purpose }, texts);
    for (const code of failures) this.#failures.inc({ model, purpose, code });
  }

  tokensUsed(model: string, tokens: number): void {
    this.#tokens.inc({ model }, tokens);
  }

  webhookCalled(outcome: "delivered" | "refused" | "unreachable", seconds: number): void {
    this.#webhookCalls.observe({ outcome }, seconds);
  }

  lookedUp(cache: "query" | "document", hits: number, misses: number): void {
    if (hits > 0) this.#lookups.inc({ cache, outcome: "hit" }, hits);
    if (misses > 0) this.#lookups.inc({ cache, outcome: "miss" }, misses);
  }

  /** The body of `/metrics`. Concurrent scrapes share one rendering. */
  render(): Promise<string> {
    this.#rendering ??= this.#render().finally(() => (this.#rendering = undefined));
    return this.#rendering;
  }

  /** The media type of `render`'s result. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  async #render(): Promise<string> {
    const state = await this.#look();
    if (state !== undefined) this.#state.update(state);
    return Registry.merge([this.#registry, this.#state.registry, processMetrics()]).metrics();
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: Label[]): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: latencies, registers: [this.#registry] });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }
}
