import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { unlessAborted } from "../../util/abortable.ts";
import type { Store } from "../../store/store.ts";
import type { EventHub } from "../events/event-hub.ts";

/** Waits for libraries to reach a position. */
export class PositionWaits {
  readonly #store: Store;
  readonly #hub: EventHub;
  readonly #timeout: number;

  /** @param timeout milliseconds that a position is waited for. */
  constructor(store: Store, hub: EventHub, timeout: number) {
    this.#store = store;
    this.#hub = hub;
    this.#timeout = timeout;
  }

  /**
   * Resolves when the library has reached the position.
   *
   * @throws ArrwError `position_not_reached` on time-out, `library_deleted` if the library was deleted
   */
  async reached(libraryId: string, seq: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // It may be rejected before anything awaits it.
    promise.catch(() => undefined);
    let last = 0;
    const end = this.#hub.listen(libraryId, ({ event }) => {
      last = event.seq;
      if (event.type === "library.deleted") reject(new ArrwError("library_deleted", "The library was deleted"));
      else if (last >= seq) resolve();
    });
    const timer = setTimeout(() => {
      const message = `min_seq: the library is at ${last} and did not reach ${seq} within ${this.#timeout / 1000} seconds`;
      reject(new ArrwError("position_not_reached", message, { field: "min_seq", retryAfter: 1 }));
    }, this.#timeout);
    try {
      const library = await this.#store.libraries.get(libraryId);
      last = Math.max(last, library.seq);
      if (last < seq) await unlessAborted(promise, signal);
    } finally {
      clearTimeout(timer);
      end();
    }
  }
}
