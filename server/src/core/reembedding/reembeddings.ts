import type { Reembedding, ReembedRequest } from "@arrwdb/protocol/documents/reembedding";
import { noEmbeddingModel } from "@arrwdb/protocol/documents/model";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { EmbedderRegistry } from "../../embedding/embedder-registry.ts";
import type { StoredReembedding } from "../../store/reembedding-store.ts";
import type { Store } from "../../store/store.ts";
import { chooseModel } from "../libraries/choose-model.ts";
import { ReembeddingJob, type ReembeddingPatience } from "./reembedding-job.ts";
import type { WriteGate } from "./write-gate.ts";

/** Re-embeddings that run at a time; others wait. */
const mostAtOnce = 4;

export interface ReembeddingsOptions {
  readonly store: Store;
  readonly embedders: EmbedderRegistry;
  readonly gate: WriteGate;
  readonly patience: ReembeddingPatience;
  readonly onFault: (what: string, error: unknown) => void;
}

/** Re-embeds libraries in the background, also those that the last stop has interrupted. */
export class Reembeddings {
  readonly #options: ReembeddingsOptions;
  readonly #waiting: StoredReembedding[] = [];
  /** By library. */
  readonly #running = new Map<string, { readonly ending: AbortController; readonly ended: Promise<void> }>();
  #isClosed = false;

  constructor(options: ReembeddingsOptions) {
    this.#options = options;
  }

  /** Goes on with those that have not ended. */
  async start(): Promise<void> {
    for (const reembedding of await this.#options.store.reembeddings.running()) this.#add(reembedding);
  }

  /** @throws ArrwError `reembedding_in_progress`, `embedder_unavailable`, `dimension_mismatch`, `validation_failed` */
  async begin(libraryId: string, request: ReembedRequest): Promise<Reembedding> {
    const { store, embedders } = this.#options;
    if (request.embedding_model === noEmbeddingModel) {
      const message = `embedding_model: must be a model that embeds texts, not "${noEmbeddingModel}"; without a model there are no vectors to change over to`;
      throw new ArrwError("validation_failed", message, { field: "embedding_model" });
    }
    const begun = await store.reembeddings.begin(libraryId, chooseModel(embedders, request, "omit it"));
    this.#add(begun);
    return toReembedding(begun);
  }

  /** The latest one. @throws ArrwError `reembedding_not_found` if there was none */
  async get(libraryId: string): Promise<Reembedding> {
    return toReembedding(await this.#options.store.reembeddings.get(libraryId));
  }

  /** The library stays as it is. One that has ended stays so. @throws ArrwError `reembedding_not_found` if there was none */
  async cancel(libraryId: string): Promise<Reembedding> {
    const ended = await this.#options.store.reembeddings.end(libraryId, { state: "cancelled" });
    this.#running.get(libraryId)?.ending.abort(new ArrwError("reembedding_not_found", "It was cancelled"));
    return toReembedding(ended);
  }

  /** Stops those that run; they go on after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = [...this.#running.values()];
    for (const { ending } of running) ending.abort(new ArrwError("shutting_down", "The server stopped"));
    await Promise.all(running.map(({ ended }) => ended));
  }

  #add(reembedding: StoredReembedding): void {
    this.#waiting.push(reembedding);
    this.#next();
  }

  #next(): void {
    while (!this.#isClosed && this.#running.size < mostAtOnce) {
      // The library's previous one may still be ending.
      const place = this.#waiting.findIndex(({ libraryId }) => !this.#running.has(libraryId));
      const [next] = place === -1 ? [] : this.#waiting.splice(place, 1);
      if (next === undefined) return;
      const ending = new AbortController();
      const ended = this.#run(next, ending.signal).finally(() => {
        this.#running.delete(next.libraryId);
        this.#next();
      });
      this.#running.set(next.libraryId, { ending, ended });
    }
  }

  async #run(reembedding: StoredReembedding, signal: AbortSignal): Promise<void> {
    try {
      await new ReembeddingJob(
        { ...this.#options, store: this.#options.store.reembeddings },
        reembedding,
        signal,
      ).run();
    } catch (error) {
      if (!signal.aborted) await this.#fail(reembedding, toArrwError(error));
    }
  }

  async #fail({ libraryId, id }: StoredReembedding, error: ArrwError): Promise<void> {
    // It was cancelled, or went with its library; or it goes on after the next start.
    if (over.has(error.code)) return;
    const { code, message } = error;
    try {
      await this.#options.store.reembeddings.end(libraryId, { state: "failed", error: { code, message } }, id);
      this.#options.onFault("a library could not be re-embedded; it stays as it was", error);
    } catch (failure) {
      this.#options.onFault("a failed re-embedding could not be ended; it goes on after the next start", failure);
    }
  }
}

const over: ReadonlySet<string> = new Set(["reembedding_not_found", "library_not_found", "shutting_down"]);

const toReembedding = (stored: StoredReembedding): Reembedding => ({
  library_id: stored.libraryId,
  state: stored.state,
  embedding_model: stored.embeddingModel,
  dimension: stored.dimension,
  chunks_done: stored.chunksDone,
  chunks_total: stored.chunksTotal,
  started_at: stored.startedAt,
  finished_at: stored.finishedAt,
  seq: stored.seq,
  error: stored.error?.message ?? null,
  error_code: stored.error?.code ?? null,
});
