import { setTimeout as delay } from "node:timers/promises";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { EmbedderRegistry } from "../../embedding/embedder-registry.ts";
import type { Embedder, EmbedResult } from "../../embedding/embedder.ts";
import type {
  ChunkToEmbed,
  EmbeddedChunk,
  ReembeddingStore,
  StoredReembedding,
} from "../../store/reembedding-store.ts";
import { paired } from "../../util/pair-lists.ts";
import type { WriteGate } from "./write-gate.ts";

/** Texts read and embedded at a time: enough for all parallel calls of a provider, up to this number. */
const leastTexts = 64;
const mostTexts = 512;
/** Milliseconds between two looks whether the index is ready: few at first, then ever more. */
const firstLook = 5;
const longestLook = 500;
/** How often writers may get ahead before they have to wait, and for how many milliseconds. */
const freeAttempts = 5;
const longestHold = 5_000;

export interface ReembeddingPatience {
  /** Milliseconds for which a model may fail temporarily, since it last succeeded. */
  readonly total: number;
  /** Milliseconds before the first further attempt, and the longest pause. */
  readonly first: number;
  readonly longest: number;
}

export interface ReembeddingJobOptions {
  readonly store: ReembeddingStore;
  readonly embedders: EmbedderRegistry;
  readonly gate: WriteGate;
  readonly patience: ReembeddingPatience;
}

/** One re-embedding, from where it is to its end. */
export class ReembeddingJob {
  readonly #options: ReembeddingJobOptions;
  readonly #reembedding: StoredReembedding;
  readonly #signal: AbortSignal;

  constructor(options: ReembeddingJobOptions, reembedding: StoredReembedding, signal: AbortSignal) {
    this.#options = options;
    this.#reembedding = reembedding;
    this.#signal = signal;
  }

  /** Resolves when the library has changed over, or its model has failed. Rejects if the signal aborts or the store fails. */
  async run(): Promise<void> {
    const { store } = this.#options;
    const embedder = this.#embedder();
    await this.#embedAll(embedder);
    await this.#prepare(embedder);
    for (let attempt = 1; ; attempt++) {
      if ((await store.changeOver(this.#reembedding)) !== undefined) return;
      if (attempt >= freeAttempts) return this.#changeOverAlone(embedder);
      await this.#embedAll(embedder);
    }
  }

  /** Writers wait meanwhile: they are faster than the model. */
  async #changeOverAlone(embedder: Embedder): Promise<void> {
    const { store, gate } = this.#options;
    for (;;) {
      const open = gate.close(this.#reembedding.libraryId, longestHold);
      try {
        await this.#embedAll(embedder);
        if ((await store.changeOver(this.#reembedding)) !== undefined) return;
      } finally {
        open();
      }
    }
  }

  /** @throws ArrwError if the server has no such model any more */
  #embedder(): Embedder {
    const { embeddingModel, dimension } = this.#reembedding;
    const embedder = this.#options.embedders.resolve(embeddingModel);
    if (embedder.dimension === dimension) return embedder;
    const message = `The model ${embedder.id} returns ${embedder.dimension}-dimensional vectors now, not ${dimension}`;
    throw new ArrwError("embedder_dimension", message);
  }

  /** Embeds until each chunk has a vector. */
  async #embedAll(embedder: Embedder): Promise<void> {
    const { store } = this.#options;
    const { textsPerCall, parallelCalls } = embedder.limits;
    const limit = Math.max(leastTexts, Math.min(textsPerCall * parallelCalls, mostTexts));
    for (;;) {
      this.#signal.throwIfAborted();
      const chunks = await store.next(this.#reembedding, limit);
      if (chunks.length === 0) return;
      await store.keep(this.#reembedding, await this.#embed(embedder, chunks));
    }
  }

  /** Waits for the index of the new vectors, and embeds what is written meanwhile. */
  async #prepare(embedder: Embedder): Promise<void> {
    let pause = firstLook;
    while (!(await this.#options.store.prepare(this.#reembedding))) {
      await delay(pause, undefined, { signal: this.#signal });
      pause = Math.min(2 * pause, longestLook);
      await this.#embedAll(embedder);
    }
  }

  /** Temporary failures are repeated for a while; vectors that were computed are in the cache. */
  async #embed(embedder: Embedder, chunks: readonly ChunkToEmbed[]): Promise<readonly EmbeddedChunk[]> {
    const { total, first, longest } = this.#options.patience;
    const texts = chunks.map(({ text }) => text);
    const end = performance.now() + total;
    for (let pause = first; ; pause = Math.min(2 * pause, longest)) {
      const results = await embedder.embed({ texts, purpose: "document", flow: this, signal: this.#signal });
      const [failed] = paired(chunks, results, embedder.id).flatMap(([{ documentId }, result]) =>
        "error" in result ? [{ documentId, error: toArrwError(result.error) }] : [],
      );
      if (failed === undefined) return embeddedChunks(chunks, results);
      const { error, documentId } = failed;
      if (!error.definition.retryable || performance.now() > end) throw named(error, documentId);
      const wait = Math.min(longest, Math.max(pause, 1_000 * (error.retryAfter ?? 0)));
      await delay(wait, undefined, { signal: this.#signal });
    }
  }
}

const embeddedChunks = (chunks: readonly ChunkToEmbed[], results: readonly EmbedResult[]): readonly EmbeddedChunk[] =>
  paired(chunks, results, "The model").map(([{ key }, result]) => {
    if ("error" in result) throw result.error;
    return { key, vector: result.vector };
  });

const named = (error: ArrwError, documentId: string) =>
  new ArrwError(error.code, `document ${JSON.stringify(documentId)}: ${error.message}`, { cause: error });
