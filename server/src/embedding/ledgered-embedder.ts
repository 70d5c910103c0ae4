import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { unlessAborted } from "../abortable.ts";
import type { Embedder, EmbedderLimits, EmbedRequest, EmbedResult } from "./embedder.ts";
import type { EmbeddingLedger } from "./ledger.ts";

/** Queries remembered in memory; people search for the same again. */
const rememberedQueries = 1_000;

type Vector = Float32Array<ArrayBuffer>;

/**
 * Gives each document text to its model once: what the ledger knows is not computed again, and neither is a text that
 * is being computed for somebody else. Every text of a request still has its own result.
 */
export class LedgeredEmbedder implements Embedder {
  readonly id: string;
  readonly dimension: number;
  readonly limits: EmbedderLimits;
  readonly #inner: Embedder;
  readonly #ledger: EmbeddingLedger;
  readonly #model: string;
  readonly #onLedgerError: (error: unknown) => void;
  readonly #inFlight = new Map<string, Promise<EmbedResult>>();
  readonly #queries = new LRUCache<string, Vector>({ max: rememberedQueries });

  constructor(inner: Embedder, ledger: EmbeddingLedger, onLedgerError: (error: unknown) => void) {
    this.id = inner.id;
    this.dimension = inner.dimension;
    this.limits = inner.limits;
    this.#inner = inner;
    this.#ledger = ledger;
    this.#model = `${inner.id} ${inner.dimension}`;
    this.#onLedgerError = onLedgerError;
  }

  embed(request: EmbedRequest): Promise<readonly EmbedResult[]> {
    return request.purpose === "query" ? this.#embedQueries(request) : this.#embedDocuments(request);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #embedQueries(request: EmbedRequest): Promise<readonly EmbedResult[]> {
    const known = request.texts.map((text) => this.#queries.get(text));
    const unknown = request.texts.filter((_, index) => known[index] === undefined);
    const computed = unknown.length === 0 ? [] : await this.#inner.embed({ ...request, texts: unknown });
    for (const [index, text] of unknown.entries()) {
      const result = computed[index];
      if (result !== undefined && "vector" in result) this.#queries.set(text, result.vector);
    }
    const rest = computed.values();
    return known.map((vector): EmbedResult => (vector === undefined ? (rest.next().value ?? missing()) : { vector }));
  }

  async #embedDocuments({ texts, signal }: EmbedRequest): Promise<readonly EmbedResult[]> {
    signal?.throwIfAborted();
    const hashes = texts.map((text) => createHash("sha256").update(text).digest());
    const keys = hashes.map((hash) => hash.toString("base64"));
    const fresh = new Map<string, { text: string; hash: Uint8Array }>();
    for (const [index, key] of keys.entries()) {
      const text = texts[index];
      const hash = hashes[index];
      if (text !== undefined && hash !== undefined && !this.#inFlight.has(key)) fresh.set(key, { text, hash });
    }
    this.#launch(fresh);
    const flights = keys.map((key) => this.#inFlight.get(key) ?? Promise.resolve(missing()));
    const results = Promise.all(flights);
    return signal === undefined ? results : unlessAborted(results, signal);
  }

  /** Begins one computation for these texts; it goes on for others even if whoever began it leaves. */
  #launch(fresh: ReadonlyMap<string, { readonly text: string; readonly hash: Uint8Array }>): void {
    if (fresh.size === 0) return;
    const entries = [...fresh.values()];
    const computation = this.#recallOrCompute(entries);
    for (const [index, key] of [...fresh.keys()].entries()) {
      const flight = computation.then((results) => results[index] ?? missing());
      this.#inFlight.set(key, flight);
      const land = () => this.#inFlight.delete(key);
      flight.then(land, land);
    }
  }

  async #recallOrCompute(
    entries: readonly { readonly text: string; readonly hash: Uint8Array }[],
  ): Promise<readonly EmbedResult[]> {
    const known = await this.#recall(entries.map(({ hash }) => hash));
    const unknown = entries.filter((_, index) => known[index] === undefined);
    if (unknown.length === 0) return known.map((vector) => (vector === undefined ? missing() : { vector }));
    const computed = await this.#inner.embed({ texts: unknown.map(({ text }) => text), purpose: "document" });
    const learned = unknown.flatMap(({ hash }, index) => {
      const result = computed[index];
      return result !== undefined && "vector" in result ? [{ hash, vector: result.vector }] : [];
    });
    // Not awaited: the ledger may write it together with the document, and the document is not the slower for it.
    if (learned.length > 0) this.#ledger.rememberEmbeddings(this.#model, learned).catch(this.#onLedgerError);
    const rest = computed.values();
    return known.map((vector): EmbedResult => (vector === undefined ? (rest.next().value ?? missing()) : { vector }));
  }

  /** A ledger that cannot be read costs time, not documents. */
  async #recall(hashes: readonly Uint8Array[]): Promise<readonly (Vector | undefined)[]> {
    try {
      const vectors = await this.#ledger.recallEmbeddings(this.#model, hashes);
      return hashes.map((_, index) => (vectors[index]?.length === this.dimension ? vectors[index] : undefined));
    } catch (error) {
      this.#onLedgerError(error);
      return hashes.map(() => undefined);
    }
  }
}

const missing = (): EmbedResult => ({ error: new Error("The model gave fewer results than texts") });
