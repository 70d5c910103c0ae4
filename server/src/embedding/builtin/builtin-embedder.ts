import { availableParallelism } from "node:os";
import { ArrwError } from "@arrwdb/protocol/errors";
import type { Embedder, EmbedRequest, EmbedResult } from "../embedder.ts";
import type { TextResult } from "./messages.ts";
import { ThreadPool } from "./pool.ts";

/**
 * Texts of one call of the model. It takes as long for each text in a batch as for one alone, so batches are small: a
 * query waits for no more than those that the threads have at hand.
 */
const textsPerCall = 4;

interface Item {
  readonly text: string;
  readonly settle: (result: EmbedResult) => void;
}

/**
 * The offline default: Universal Sentence Encoder Lite (Cer et al., 2018), 512 dimensions, English, on worker threads.
 * The weights come with the package; nothing is downloaded. A text longer than a window is embedded window by window
 * and averaged.
 */
export class BuiltinEmbedder implements Embedder {
  readonly id = "builtin";
  readonly dimension = 512;
  readonly limits;
  readonly #threads: number;
  readonly #queries: Item[] = [];
  readonly #documents: Item[] = [];
  readonly #close = new AbortController();
  #pool: ThreadPool | undefined;

  /** @param threads how many; each needs about 220 MB. */
  constructor(threads: number = availableParallelism()) {
    this.#threads = threads;
    this.limits = { textsPerCall, parallelCalls: threads };
  }

  /** Loads the model on every thread, so that the first text does not wait for it. */
  async start(): Promise<void> {
    try {
      await this.#started().ready();
    } catch (cause) {
      throw new ArrwError("embedder_unavailable", "The built-in model could not be loaded", { cause });
    }
  }

  embed({ texts, purpose, signal }: EmbedRequest): Promise<readonly EmbedResult[]> {
    return new Promise((resolve, reject) => {
      const ended = signal === undefined ? this.#close.signal : AbortSignal.any([signal, this.#close.signal]);
      if (ended.aborted) return reject(ended.reason);
      const queue = purpose === "query" ? this.#queries : this.#documents;
      const results: EmbedResult[] = [];
      let left = texts.length;
      const items = texts.map((text, index): Item => {
        const settle = (result: EmbedResult) => {
          results[index] = result;
          if (--left > 0) return;
          ended.removeEventListener("abort", leave);
          resolve(results);
        };
        return { text, settle };
      });
      const leave = () => {
        const mine = new Set(items);
        queue.splice(0, queue.length, ...queue.filter((item) => !mine.has(item)));
        reject(ended.reason);
      };
      ended.addEventListener("abort", leave, { once: true });
      queue.push(...items);
      this.#feed();
    });
  }

  async close(): Promise<void> {
    this.#close.abort(new ArrwError("shutting_down", "The embedding model is closed"));
    await this.#pool?.close();
  }

  #started(): ThreadPool {
    this.#pool ??= new ThreadPool(this.#threads, () => this.#feed());
    return this.#pool;
  }

  #feed(): void {
    if (this.#close.signal.aborted) return;
    const pool = this.#started();
    while (pool.free) {
      const queue = this.#queries.length > 0 ? this.#queries : this.#documents;
      const items = queue.splice(0, textsPerCall);
      if (items.length === 0) return;
      pool.run(
        items.map(({ text }) => text),
        (results) => {
          for (const [index, item] of items.entries()) item.settle(toResult(results[index]));
        },
      );
    }
  }
}

function toResult(result: TextResult | undefined): EmbedResult {
  if (result !== undefined && "vector" in result) return result;
  return {
    error: new ArrwError("embedder_failed", `The built-in model failed: ${result?.error ?? "it gave no result"}`),
  };
}
