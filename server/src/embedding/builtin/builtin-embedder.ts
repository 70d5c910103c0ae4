import { availableParallelism } from "node:os";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Embedder, EmbedderLimits, EmbedRequest, EmbedResult } from "../embedder.ts";
import { Job } from "./embedding-job.ts";
import { dimension } from "./model-messages.ts";
import { ThreadPool } from "./thread-pool.ts";

export interface BuiltinEmbedderOptions {
  /** Number of threads. Default is one per core. Each needs about 220 MB once in use. */
  readonly threads?: number | undefined;
  /** The threads' script, for tests of a thread that ends. */
  readonly worker?: URL | undefined;
}

/**
 * The offline default: Universal Sentence Encoder Lite (Cer et al., 2018), 512 dimensions, English, on worker threads.
 * The weights are part of the package; nothing is downloaded. Documents and queries are embedded alike.
 *
 * A text longer than 500 characters is cut into windows at white space, as the model ignores what comes after its first
 * 128 tokens. Its vector is the mean of the windows' vectors, each weighing as its window is long, scaled to length 1.
 *
 * Threads start with the first text, or with `start`. One that ends is replaced, and its tasks are retried once.
 */
export class BuiltinEmbedder implements Embedder {
  readonly id = "builtin";
  readonly identity = "builtin";
  readonly dimension = dimension;
  readonly limits: EmbedderLimits;
  readonly #pool: ThreadPool;
  readonly #jobs = new Set<Job>();
  #closed = false;

  constructor({ threads = availableParallelism(), worker }: BuiltinEmbedderOptions = {}) {
    this.#pool = new ThreadPool(threads, worker ?? new URL("./model-worker.ts", import.meta.url));
    this.limits = { textsPerCall: 32, parallelCalls: threads };
  }

  /**
   * Loads the model on every thread, so that the first text does not wait for it.
   *
   * @throws ArrwError `embedder_unavailable` if it cannot be loaded
   */
  async start(): Promise<void> {
    if (this.#closed) throw closed();
    try {
      await this.#pool.start();
    } catch (cause) {
      if (this.#closed) throw closed();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ArrwError("embedder_unavailable", `The built-in model could not be loaded: ${reason}`, { cause });
    }
  }

  async embed({ texts, purpose, flow, signal }: EmbedRequest): Promise<readonly EmbedResult[]> {
    if (this.#closed) throw closed();
    signal?.throwIfAborted();
    const job = new Job(texts);
    const leave = () => {
      job.abandon(signal?.reason);
      this.#pool.remove(job.tasks, purpose === "query", flow);
    };
    signal?.addEventListener("abort", leave, { once: true });
    this.#jobs.add(job);
    try {
      this.#pool.add(job.tasks, purpose === "query", flow);
      return await job.results;
    } finally {
      signal?.removeEventListener("abort", leave);
      this.#jobs.delete(job);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#jobs) job.abandon(closed());
    await this.#pool.close();
  }
}

const closed = () => new ArrwError("shutting_down", "The embedding model is closed");
