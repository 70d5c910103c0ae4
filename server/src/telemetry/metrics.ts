import { type ErrorCode, errorCodes } from "@arrwdb/protocol/errors";
import { actions } from "@arrwdb/protocol/messages";
import { protocolVersion } from "@arrwdb/protocol/version";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { EmbeddingCall, Monitor } from "./monitor.ts";
import { processMetrics } from "./process-metrics.ts";
import type { ServerState } from "./server-state.ts";
import { StateMetrics } from "./state-metrics.ts";

/** Seconds, from a search in memory to a slow provider. */
const latencies = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const transports = ["http", "websocket", "line"];
/** What a model that cannot be used is told of by. */
const modelErrors = errorCodes.filter((code) => code.startsWith("embedder_"));

/** Everything that Prometheus is told: what is counted as it happens, and what is looked at when it asks. */
export class Metrics implements Monitor {
  readonly #registry = new Registry();
  readonly #state = new StateMetrics();
  readonly #look: () => Promise<ServerState | undefined>;
  #rendering: Promise<string> | undefined;

  readonly #requests = this.#histogram(
    "arrwdb_http_request_duration_seconds",
    "Time from a request to the end of its answer, event streams aside; uploads are as long as their clients like",
    ["method", "route", "status"],
  );
  readonly #actions = this.#histogram(
    "arrwdb_websocket_request_duration_seconds",
    "Time from a WebSocket request to its answer",
    ["action", "outcome"],
  );
  readonly #errors = this.#counter("arrwdb_errors_total", "Errors that clients were told of", ["transport", "code"]);
  readonly #uploads = new Gauge({
    name: "arrwdb_uploads_in_progress",
    help: "Uploads that are read now",
    registers: [this.#registry],
  });
  readonly #lines = this.#counter("arrwdb_ingest_lines_total", "Lines of uploads that have their result", ["outcome"]);
  readonly #bytes = this.#counter("arrwdb_ingest_bytes_total", "Bytes of lines of uploads, decompressed", []);
  readonly #documents = this.#counter("arrwdb_documents_written_total", "Documents written, by whatever way", []);
  readonly #chunks = this.#counter("arrwdb_chunks_written_total", "Chunks written, by whatever way", []);
  readonly #stages = this.#histogram(
    "arrwdb_search_stage_duration_seconds",
    "Time of a search's stages: embed is the vector of its text, store the rest",
    ["stage"],
  );
  readonly #embeddings = this.#histogram(
    "arrwdb_embedding_duration_seconds",
    "Time in which a model gave vectors for a batch of texts; its count is that of the calls",
    ["model", "purpose"],
  );
  readonly #embedding = new Gauge({
    name: "arrwdb_embedding_texts_in_progress",
    help: "Texts that wait for a model, or are worked on",
    labelNames: ["model", "purpose"],
    registers: [this.#registry],
  });
  readonly #texts = this.#counter("arrwdb_embedding_texts_total", "Texts given to a model", ["model", "purpose"]);
  readonly #tokens = this.#counter("arrwdb_embedding_tokens_total", "Tokens that a provider counted", ["model"]);
  readonly #failures = this.#counter("arrwdb_embedding_failures_total", "Texts that a model gave no vector for", [
    "model",
    "purpose",
    "code",
  ]);
  readonly #webhookCalls = this.#histogram(
    "arrwdb_webhook_call_duration_seconds",
    "Time of a call of a webhook's receiver; refused calls had another status than 2xx, unreachable ones no answer",
    ["outcome"],
  );
  readonly #lookups = this.#counter(
    "arrwdb_embedding_lookups_total",
    "Texts that were looked for before a model was asked: queries in memory, documents in the ledger",
    ["cache", "outcome"],
  );

  /** @param look gives what is looked at on a scrape, in bounded time; undefined where there is nothing to see yet. */
  constructor(look: () => Promise<ServerState | undefined>) {
    this.#look = look;
    const info = new Gauge({
      name: "arrwdb_info",
      help: "Always 1; the labels tell what runs",
      labelNames: ["protocol", "node"],
      registers: [this.#registry],
    });
    info.set({ protocol: protocolVersion, node: process.versions.node }, 1);
    this.#begin();
  }

  /**
   * What has not happened yet is counted, too: a counter that appears with its first event has not grown for Prometheus, and
   * no alert would be raised by the first error.
   */
  #begin(): void {
    for (const transport of transports) for (const code of errorCodes) this.#errors.inc({ transport, code }, 0);
    for (const outcome of ["stored", "replayed", "failed"]) this.#lines.inc({ outcome }, 0);
    for (const stage of ["embed", "store"]) this.#stages.zero({ stage });
    for (const outcome of ["delivered", "refused", "unreachable"]) this.#webhookCalls.zero({ outcome });
    for (const action of Object.keys(actions)) {
      for (const outcome of ["success", "failure"]) this.#actions.zero({ action, outcome });
    }
    for (const cache of ["query", "ledger"]) {
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

  lineTold(outcome: "stored" | "replayed" | "failed"): void {
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

  lookedUp(cache: "query" | "ledger", hits: number, misses: number): void {
    if (hits > 0) this.#lookups.inc({ cache, outcome: "hit" }, hits);
    if (misses > 0) this.#lookups.inc({ cache, outcome: "miss" }, misses);
  }

  /** What `/metrics` answers. Those who ask at the same time share an answer. */
  render(): Promise<string> {
    this.#rendering ??= this.#render().finally(() => (this.#rendering = undefined));
    return this.#rendering;
  }

  /** The media type of what `render` gives. */
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
