import type { EmbedRequest, EmbedResult } from "../embedder.ts";
import type { Flow } from "../../scheduling/fair-queue.ts";

/** Texts that must go in a call of their own, as one of them may have failed a larger one. */
export interface Suspects {
  /** Calls that may still be made to find it; undefined while they are of several requests, which must not share it. */
  readonly calls: { left: number } | undefined;
}

/** One text of a request to a provider. */
export interface PendingText {
  readonly text: string;
  readonly request: TextRequest;
  suspects: Suspects | undefined;
  readonly settle: (result: EmbedResult) => void;
}

/** One request: its texts, and their results once all are available. */
export class TextRequest {
  readonly flow: Flow;
  readonly texts: readonly PendingText[];
  readonly #settled = Promise.withResolvers<readonly EmbedResult[]>();

  /** @param prefix prepended to each text that is sent */
  constructor({ texts, flow }: EmbedRequest, prefix: string) {
    this.flow = flow;
    const results: EmbedResult[] = [];
    let left = texts.length;
    this.texts = texts.map((text, index) => ({
      text: prefix + text,
      request: this,
      suspects: undefined,
      settle: (result) => {
        results[index] = result;
        left--;
        if (left === 0) this.#settled.resolve(results);
      },
    }));
  }

  get results(): Promise<readonly EmbedResult[]> {
    return this.#settled.promise;
  }

  /** Ends the wait; later results are dropped. */
  abandon(reason: unknown): void {
    this.#settled.reject(reason);
  }
}
