import { setTimeout as delay } from "node:timers/promises";

/**
 * Lets the writers of a library wait for a moment, so that a re-embedding can catch up with those that write faster than it
 * embeds.
 */
export class WriteGate {
  readonly #closed = new Map<string, Promise<void>>();

  /** Writers of the library wait until the returned function is called, or for so many milliseconds. */
  close(libraryId: string, milliseconds: number): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ending = new AbortController();
    const open = () => {
      ending.abort();
      if (this.#closed.get(libraryId) === promise) this.#closed.delete(libraryId);
      resolve();
    };
    this.#closed.set(libraryId, promise);
    delay(milliseconds, undefined, { signal: ending.signal }).then(open, () => undefined);
    return open;
  }

  /** Resolves when documents may be written; undefined if they may now. */
  passed(libraryId: string): Promise<void> | undefined {
    return this.#closed.get(libraryId);
  }
}
