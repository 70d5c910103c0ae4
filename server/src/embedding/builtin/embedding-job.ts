import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { normalize } from "@arrwdb/protocol/documents/vector";
import type { EmbedResult } from "../embedder.ts";
import { dimension } from "./model-messages.ts";
import type { ModelTask } from "./model-thread.ts";
import { splitWindows } from "./token-windows.ts";

/** One request: its texts' windows as tasks, and its texts' results once all tasks are done. */
export class Job {
  readonly tasks: readonly ModelTask[];
  readonly results: Promise<readonly EmbedResult[]>;
  readonly #settled = Promise.withResolvers<readonly EmbedResult[]>();

  constructor(texts: readonly string[]) {
    this.results = this.#settled.promise;
    const results: EmbedResult[] = [];
    let left = texts.length;
    this.tasks = texts.flatMap((text, index) =>
      tasksOf(text, (result) => {
        results[index] = result;
        left--;
        if (left === 0) this.#settled.resolve(results);
      }),
    );
  }

  /** Ends the wait; later results are dropped. */
  abandon(reason: unknown): void {
    this.#settled.reject(reason);
  }
}

/** A text's windows; the text is done with its last window, or with the first failure. */
function tasksOf(text: string, done: (result: EmbedResult) => void): ModelTask[] {
  const windows = splitWindows(text);
  const vectors: Float32Array[] = [];
  let left = windows.length;
  return windows.map((window, index) => ({
    window,
    retried: false,
    settle: (vector) => {
      vectors[index] = vector;
      left--;
      if (left === 0) done(average(windows, vectors));
    },
    fail: (error) => {
      if (left <= 0) return;
      // Below zero from now on, as the text has its result.
      left = 0;
      done({ error });
    },
  }));
}

/** The direction of a text: the mean of its windows' vectors, each weighing as its window is long. */
function average(windows: readonly string[], vectors: readonly Float32Array[]): EmbedResult {
  const sum = new Float64Array(dimension);
  for (const [index, vector] of vectors.entries()) {
    const weight = windows[index]?.length ?? 0;
    for (const [position, number] of vector.entries()) sum[position] = (sum[position] ?? 0) + number * weight;
  }
  const vector = normalize(sum);
  if (vector !== undefined) return { vector };
  return { error: new ArrwError("embedder_failed", "The built-in model returned a zero vector for this text") };
}
