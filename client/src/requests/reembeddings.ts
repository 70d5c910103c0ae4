import type { RequestOptions } from "../options.ts";
import { pause } from "../waiting.ts";
import type { Reembedding, ReembedLibrary } from "../wire.ts";
import { abortedError } from "./aborted-error.ts";
import type { Http } from "./http.ts";

/** Milliseconds between two looks at a re-embedding: few at first, then ever more. */
const firstLook = 50;
const longestLook = 2_000;

export interface ReembeddingOptions extends RequestOptions {
  /** Called with its state, again and again until it has ended. */
  readonly onProgress?: ((reembedding: Reembedding) => void) | undefined;
}

/** Re-embeds one library with another model or dimension. Each method throws `ArrwClientError`, or the signal's reason. */
export class Reembeddings {
  readonly #http: Http;
  readonly #path: string;

  /** @internal */
  constructor(http: Http, libraryPath: string) {
    this.#http = http;
    this.#path = `${libraryPath}/reembedding`;
  }

  /**
   * Begins to re-embed the library in the background, with the server's default model if none is named.
   *
   * @example
   * ```ts
   * await library.reembedding.start({ embedding_model: "builtin" });
   * const { seq } = await library.reembedding.finished({
   *   onProgress: ({ chunks_done, chunks_total }) => console.log(chunks_done, chunks_total),
   * });
   * ```
   */
  async start(request: ReembedLibrary = {}, options: RequestOptions = {}): Promise<Reembedding> {
    return this.#http.json("POST", this.#path, { ...options, body: request });
  }

  /** The state of the latest one. */
  async state(options: RequestOptions = {}): Promise<Reembedding> {
    return this.#http.json("GET", this.#path, options);
  }

  /** The library stays as it is; one that has ended stays so too. */
  async cancel(options: RequestOptions = {}): Promise<Reembedding> {
    return this.#http.json("DELETE", this.#path, options);
  }

  /**
   * Resolves when the latest one has ended, done or cancelled. Aborting the signal ends the waiting only.
   *
   * @throws ArrwClientError with the reason if it failed; the library is as it was
   */
  async finished({ onProgress, ...options }: ReembeddingOptions = {}): Promise<Reembedding> {
    for (let wait = firstLook; ; wait = Math.min(2 * wait, longestLook)) {
      const found = await this.state(options);
      onProgress?.(found);
      const { state, error, error_code } = found;
      if (state === "failed") throw abortedError({ error: error ?? "", error_code: error_code ?? "internal" });
      if (state !== "running") return found;
      await pause(wait, options.signal);
    }
  }
}
