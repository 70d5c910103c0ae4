import type { ErrorCode } from "@arrwdb/protocol/errors/error-table";
import { toArrwError } from "@arrwdb/protocol/errors/errors";
import { inSpan } from "../telemetry/span.ts";
import type { Monitor } from "../telemetry/monitor.ts";
import type { Embedder, EmbedderLimits, EmbedRequest, EmbedResult } from "./embedder.ts";

/** A model whose calls are measured. */
export class MeasuredEmbedder implements Embedder {
  readonly id: string;
  readonly identity: string;
  readonly dimension: number;
  readonly limits: EmbedderLimits;
  readonly #inner: Embedder;
  readonly #monitor: Monitor;

  constructor(inner: Embedder, monitor: Monitor) {
    this.id = inner.id;
    this.identity = inner.identity;
    this.dimension = inner.dimension;
    this.limits = inner.limits;
    this.#inner = inner;
    this.#monitor = monitor;
    monitor.modelAdded(inner.id);
  }

  async embed(request: EmbedRequest): Promise<readonly EmbedResult[]> {
    const { texts, purpose } = request;
    const started = performance.now();
    const attributes = { "arrwdb.model": this.id, "arrwdb.purpose": purpose, "arrwdb.texts": texts.length };
    this.#monitor.embedding(this.id, purpose, texts.length);
    const results = await inSpan("embed", attributes, () => this.#inner.embed(request)).finally(() =>
      this.#monitor.embedding(this.id, purpose, -texts.length),
    );
    const failures = results.flatMap((result): ErrorCode[] =>
      "error" in result ? [toArrwError(result.error).code] : [],
    );
    const seconds = (performance.now() - started) / 1_000;
    this.#monitor.embedded({ model: this.id, purpose, texts: texts.length, failures, seconds });
    return results;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
