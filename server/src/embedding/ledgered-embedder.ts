import { hash as digest } from "node:crypto";
import { ArrwError } from "@arrwdb/protocol/errors";
import { LRUCache } from "lru-cache";
import type { Embedder, EmbedderLimits, EmbedRequest, EmbedResult } from "./embedder.ts";
import { Flight } from "./flight.ts";
import type { EmbeddingLedger } from "./ledger.ts";

/** Queries remembered in memory; people search for the same again. */
const rememberedQueries = 1_000;

/** About how many texts are looked up, computed and remembered together: what a crash or a leaving client can cost. */
const portionLength = 256;

type Vector = Float32Array<ArrayBuffer>;
type TextFlight = Flight<readonly EmbedResult[]>;

interface Entry {
  readonly key: string;
  readonly text: string;
  readonly hash: Uint8Array;
}

/** Where the result of a text will be. */
interface Seat {
  readonly flight: TextFlight;
  readonly index: number;
}

/**
 * Gives each document text to its model once: what the ledger knows is not computed again, and neither is a text that
 * is being computed for somebody else. Every text of a request still has a result, and a vector, of its own.
 *
 * Vectors are in the ledger before they are handed out. A ledger that fails costs time, not documents. Queries are
 * kept in memory alone.
 */
export class LedgeredEmbedder implements Embedder {
  readonly id: string;
  readonly dimension: number;
  readonly limits: EmbedderLimits;
  readonly #inner: Embedder;
  readonly #ledger: EmbeddingLedger;
  readonly #model: string;
  readonly #onLedgerError: (error: unknown) => void;
  readonly #seats = new Map<string, Seat>();
  readonly #queries = new LRUCache<string, Vector>({ max: rememberedQueries });
  readonly #close = new AbortController();

  constructor(inner: Embedder, ledger: EmbeddingLedger, onLedgerError: (error: unknown) => void) {
    this.id = inner.id;
    this.dimension = inner.dimension;
    this.limits = inner.limits;
    this.#inner = inner;
    this.#ledger = ledger;
    this.#model = `${inner.id} ${inner.dimension}`;
    this.#onLedgerError = onLedgerError;
  }

  async embed({ texts, purpose, signal }: EmbedRequest): Promise<readonly EmbedResult[]> {
    const ended = signal === undefined ? this.#close.signal : AbortSignal.any([signal, this.#close.signal]);
    ended.throwIfAborted();
    return purpose === "query" ? this.#embedQueries(texts, ended) : this.#embedDocuments(texts, ended);
  }

  async close(): Promise<void> {
    this.#close.abort(new ArrwError("shutting_down", "The embedding model is closed"));
    await this.#inner.close();
  }

  async #embedQueries(texts: readonly string[], signal: AbortSignal): Promise<readonly EmbedResult[]> {
    const known = texts.map((text) => this.#queries.get(text));
    const unknown = texts.filter((_, index) => known[index] === undefined);
    const computed = unknown.length === 0 ? [] : await this.#inner.embed({ texts: unknown, purpose: "query", signal });
    for (const [index, text] of unknown.entries()) {
      const result = computed[index];
      if (result !== undefined && "vector" in result) this.#queries.set(text, result.vector);
    }
    return merge(known, computed).map(ownCopy);
  }

  async #embedDocuments(texts: readonly string[], signal: AbortSignal): Promise<readonly EmbedResult[]> {
    const entries = texts.map((text): Entry => {
      const hash = digest("sha256", text, "buffer");
      return { key: hash.toString("latin1"), text, hash };
    });
    this.#launch(entries);
    const seats = entries.map(({ key }) => this.#seats.get(key));
    const flights = [...new Set(seats.flatMap((seat) => seat?.flight ?? []))];
    const outcomes = new Map(
      await Promise.all(flights.map(async (flight) => [flight, await flight.join(signal)] as const)),
    );
    return seats.map((seat) => {
      const result = seat === undefined ? undefined : outcomes.get(seat.flight)?.[seat.index];
      return ownCopy(result ?? missing());
    });
  }

  /** Begins the computation of what nobody else is computing, portion by portion. */
  #launch(entries: readonly Entry[]): void {
    const fresh = new Map(entries.filter(({ key }) => !this.#seats.has(key)).map((entry) => [entry.key, entry]));
    const rest = [...fresh.values()];
    const { textsPerCall } = this.#inner.limits;
    const length = Math.max(1, Math.floor(portionLength / textsPerCall)) * textsPerCall;
    while (rest.length > 0) this.#launchPortion(rest.splice(0, length));
  }

  #launchPortion(entries: readonly Entry[]): void {
    const flight: TextFlight = new Flight(
      (signal) => this.#recallOrCompute(entries, signal),
      () => {
        for (const { key } of entries) if (this.#seats.get(key)?.flight === flight) this.#seats.delete(key);
      },
    );
    for (const [index, { key }] of entries.entries()) this.#seats.set(key, { flight, index });
  }

  async #recallOrCompute(entries: readonly Entry[], signal: AbortSignal): Promise<readonly EmbedResult[]> {
    const known = await this.#recall(entries.map(({ hash }) => hash));
    const unknown = entries.filter((_, index) => known[index] === undefined);
    if (unknown.length === 0) return merge(known, []);
    const texts = unknown.map(({ text }) => text);
    const computed = await this.#inner.embed({ texts, purpose: "document", signal });
    await this.#remember(unknown, computed);
    return merge(known, computed);
  }

  async #recall(hashes: readonly Uint8Array[]): Promise<readonly (Vector | undefined)[]> {
    try {
      const vectors = await this.#ledger.recallEmbeddings(this.#model, hashes);
      return hashes.map((_, index) => (vectors[index]?.length === this.dimension ? vectors[index] : undefined));
    } catch (error) {
      this.#onLedgerError(error);
      return hashes.map(() => undefined);
    }
  }

  async #remember(entries: readonly Entry[], results: readonly EmbedResult[]): Promise<void> {
    const learned = entries.flatMap(({ hash }, index) => {
      const result = results[index];
      return result !== undefined && "vector" in result ? [{ hash, vector: result.vector }] : [];
    });
    if (learned.length === 0) return;
    try {
      await this.#ledger.rememberEmbeddings(this.#model, learned);
    } catch (error) {
      this.#onLedgerError(error);
    }
  }
}

const missing = (): EmbedResult => ({
  error: new ArrwError("embedder_failed", "The model gave fewer results than texts"),
});

/** The known vectors, with the computed results in the gaps. */
function merge(known: readonly (Vector | undefined)[], computed: readonly EmbedResult[]): readonly EmbedResult[] {
  const rest = computed.values();
  return known.map((vector): EmbedResult => (vector === undefined ? (rest.next().value ?? missing()) : { vector }));
}

/** Several requests may share a result; whoever changes or transfers a vector must not change that of others. */
const ownCopy = (result: EmbedResult): EmbedResult => ("vector" in result ? { vector: result.vector.slice() } : result);
