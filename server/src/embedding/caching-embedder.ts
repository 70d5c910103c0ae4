import { hash as digest } from "node:crypto";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { noMonitor, type Monitor } from "../telemetry/monitor.ts";
import { paired } from "../util/pair-lists.ts";
import type { Embedder, EmbedderLimits, EmbedRequest, EmbedResult } from "./embedder.ts";
import type { EmbeddingCache } from "./embedding-cache.ts";
import { miscounted, ownCopy, SharedEmbeddings } from "./shared-embeddings.ts";

/** Approximate number of texts looked up, computed and cached together: the loss of a crash or a disconnect. */
const portionLength = 256;

type Vector = Float32Array<ArrayBuffer>;

interface HashedText {
  readonly key: string;
  readonly text: string;
  readonly hash: Uint8Array;
}

/** The dependencies of a cached model. */
export interface CachingEmbedderOptions {
  /** Computes texts that are not cached. */
  readonly inner: Embedder;
  readonly cache: EmbeddingCache;
  readonly onCacheError: (error: unknown) => void;
  readonly monitor?: Monitor;
}

/**
 * Embeds each document text once: cached texts are not computed again, and neither is a text that another request is
 * computing. Every text of a request still has a result, and a vector, of its own.
 *
 * Vectors are cached before they are returned. A failing cache costs time, not documents. Queries bypass the cache, as
 * they must not wait for a disk.
 */
export class CachingEmbedder implements Embedder {
  readonly id: string;
  readonly identity: string;
  readonly dimension: number;
  readonly limits: EmbedderLimits;
  readonly #inner: Embedder;
  readonly #cache: EmbeddingCache;
  readonly #model: string;
  readonly #onCacheError: (error: unknown) => void;
  readonly #monitor: Monitor;
  readonly #shared: SharedEmbeddings<HashedText>;
  readonly #close = new AbortController();
  readonly #ends = new WeakMap<AbortSignal, AbortSignal>();

  constructor({ inner, cache, onCacheError, monitor = noMonitor }: CachingEmbedderOptions) {
    this.id = inner.id;
    this.identity = inner.identity;
    this.dimension = inner.dimension;
    this.limits = inner.limits;
    this.#inner = inner;
    this.#cache = cache;
    this.#model = `${inner.identity} ${inner.dimension}`;
    this.#onCacheError = onCacheError;
    this.#monitor = monitor;
    const { textsPerCall } = inner.limits;
    this.#shared = new SharedEmbeddings(Math.max(1, Math.floor(portionLength / textsPerCall)) * textsPerCall);
  }

  async embed(request: EmbedRequest): Promise<readonly EmbedResult[]> {
    if (request.purpose === "query") return this.#inner.embed(request);
    const { texts, signal, flow } = request;
    const ended = signal === undefined ? this.#close.signal : this.#endOf(signal);
    ended.throwIfAborted();
    const entries = texts.map((text): HashedText => {
      const hash = digest("sha256", text, "buffer");
      return { key: hash.toString("latin1"), text, hash };
    });
    const results = await this.#shared.join(entries, ended, (fresh, wanted) =>
      this.#lookUpOrCompute(fresh, flow, wanted),
    );
    return results.map(ownCopy);
  }

  async close(): Promise<void> {
    this.#close.abort(new ArrwError("shutting_down", "The embedding model is closed"));
    await this.#inner.close();
  }

  /** Lines of one upload share a signal, which is combined with ours only once. */
  #endOf(signal: AbortSignal): AbortSignal {
    const known = this.#ends.get(signal);
    if (known !== undefined) return known;
    const end = AbortSignal.any([signal, this.#close.signal]);
    this.#ends.set(signal, end);
    return end;
  }

  async #lookUpOrCompute(
    entries: readonly HashedText[],
    flow: EmbedRequest["flow"],
    signal: AbortSignal,
  ): Promise<readonly EmbedResult[]> {
    const known = await this.#lookUp(entries.map(({ hash }) => hash));
    const unknown = paired(entries, known, "The cache").flatMap(([entry, vector]) =>
      vector === undefined ? entry : [],
    );
    this.#monitor.lookedUp("document", entries.length - unknown.length, unknown.length);
    if (unknown.length === 0) return merge(known, []);
    const texts = unknown.map(({ text }) => text);
    const computed = await this.#inner.embed({ texts, purpose: "document", flow, signal });
    // Which text lacks a result is unknown, so all of them fail, and nothing wrong is cached.
    if (computed.length !== unknown.length) return entries.map(() => miscounted(this.id));
    await this.#keep(unknown, computed);
    return merge(known, computed);
  }

  async #lookUp(hashes: readonly Uint8Array[]): Promise<readonly (Vector | undefined)[]> {
    try {
      const vectors = await this.#cache.get(this.#model, hashes);
      return paired(hashes, vectors, "The cache").map(([, vector]) =>
        vector?.length === this.dimension ? vector : undefined,
      );
    } catch (error) {
      this.#onCacheError(error);
      return hashes.map(() => undefined);
    }
  }

  async #keep(entries: readonly HashedText[], results: readonly EmbedResult[]): Promise<void> {
    const learned = paired(entries, results, this.id).flatMap(([{ hash }, result]) =>
      "vector" in result ? [{ hash, vector: result.vector }] : [],
    );
    if (learned.length === 0) return;
    try {
      await this.#cache.put(this.#model, learned);
    } catch (error) {
      this.#onCacheError(error);
    }
  }
}

/** The known vectors, with the computed results in the gaps. */
function merge(known: readonly (Vector | undefined)[], computed: readonly EmbedResult[]): readonly EmbedResult[] {
  let next = 0;
  return known.flatMap((vector) => (vector === undefined ? computed.slice(next, ++next) : { vector }));
}
