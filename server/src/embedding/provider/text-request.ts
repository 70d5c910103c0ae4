import type { EmbedRequest, EmbedResult } from "../embedder.ts";
import type { Flow } from "../../scheduling/fair-queue.ts";

/** Texts that have to go in a call of their own, as one of them may be at fault for a larger one. */
export interface Suspects {
  /** Calls that may still be made to find it; undefined while they are of several requests, which must not share it. */
  readonly calls: { left: number } | undefined;
}

/** One text on its way to a provider and back. */
export interface PendingText {
  readonly text: string;
  readonly request: TextRequest;
  suspects: Suspects | undefined;
  readonly settle: (result: EmbedResult) => void;
}

/** One request: its texts, and their results once all of them have one. */
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

  /** Ends the wait; what comes later is dropped. */
  abandon(reason: unknown): void {
    this.#settled.reject(reason);
  }
}
