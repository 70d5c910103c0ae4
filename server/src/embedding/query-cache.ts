import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { LRUCache } from "lru-cache";
import { noMonitor, type Monitor } from "../telemetry/monitor.ts";
import { paired } from "../util/pair-lists.ts";
import type { Embedder, EmbedderLimits, EmbedRequest, EmbedResult } from "./embedder.ts";
import { miscounted, ownCopy, SharedEmbeddings } from "./shared-embeddings.ts";

/** Maximum of bytes of cached queries per model; a server has at most two models. */
const rememberedBytes = 32 * 1024 * 1024;
/** Approximate overhead of an entry besides its text and its numbers. */
const entryBytes = 256;
/** Maximum of texts of one request computed together; usually there is one. */
const portion = 64;

type CachedVector = Float32Array<ArrayBuffer>;

export interface QueryCacheOptions {
  readonly maxBytes?: number | undefined;
  readonly monitor?: Monitor | undefined;
}

/**
 * Embeds each query once, as searches are often repeated or concurrent. The least recently used entries are evicted
 * when the cache exceeds `maxBytes`. Documents pass through.
 */
export class QueryCache implements Embedder {
  readonly id: string;
  readonly identity: string;
  readonly dimension: number;
  readonly limits: EmbedderLimits;
  readonly #inner: Embedder;
  readonly #vectors: LRUCache<string, CachedVector>;
  readonly #shared = new SharedEmbeddings<{ readonly key: string }>(portion);
  readonly #monitor: Monitor;
  readonly #close = new AbortController();

  constructor(inner: Embedder, { maxBytes = rememberedBytes, monitor = noMonitor }: QueryCacheOptions = {}) {
    this.#monitor = monitor;
    this.id = inner.id;
    this.identity = inner.identity;
    this.dimension = inner.dimension;
    this.limits = inner.limits;
    this.#inner = inner;
    this.#vectors = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (vector, text) => entryBytes + 2 * text.length + vector.byteLength,
    });
  }

  async embed(request: EmbedRequest): Promise<readonly EmbedResult[]> {
    if (request.purpose === "document") return this.#inner.embed(request);
    const { texts, signal } = request;
    this.#close.signal.throwIfAborted();
    signal?.throwIfAborted();
    const known = texts.map((text) => this.#vectors.get(text));
    const unknown = texts.flatMap((text, index) => (known[index] === undefined ? [{ key: text }] : []));
    this.#monitor.lookedUp("query", texts.length - unknown.length, unknown.length);
    const computed = (unknown.length === 0 ? [] : await this.#compute(unknown, request)).values();
    return known.map((vector) => ownCopy(vector === undefined ? next(computed) : { vector }));
  }

  async close(): Promise<void> {
    this.#close.abort(new ArrwError("shutting_down", "The embedding model is closed"));
    await this.#inner.close();
  }

  #compute(
    entries: readonly { readonly key: string }[],
    { signal, flow }: EmbedRequest,
  ): Promise<readonly EmbedResult[]> {
    const ended = signal === undefined ? this.#close.signal : AbortSignal.any([signal, this.#close.signal]);
    return this.#shared.join(entries, ended, async (fresh, wanted) => {
      const texts = fresh.map(({ key }) => key);
      const results = await this.#inner.embed({ texts, purpose: "query", flow, signal: wanted });
      if (results.length !== texts.length) return texts.map(() => miscounted(this.id));
      for (const [text, result] of paired(texts, results, this.id)) {
        if ("vector" in result) this.#vectors.set(text, result.vector);
      }
      return results;
    });
  }
}

function next(results: Iterator<EmbedResult>): EmbedResult {
  const result = results.next();
  if (result.done === true) throw new Error("There are fewer results than texts");
  return result.value;
}
