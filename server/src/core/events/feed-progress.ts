import type { Subscriber } from "../subscriber.ts";

/** Milliseconds for which a feed may skip filtered events before it reports its position. */
const interval = 1_000;

/** Reports progress to the readers of filtered feeds, so that they can resume from there. */
export class FeedProgress {
  readonly #libraryId: string;
  readonly #subscriber: Subscriber;
  /** By subscription, its current position, if not reported yet. */
  readonly #passed = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(libraryId: string, subscriber: Subscriber) {
    this.#libraryId = libraryId;
    this.#subscriber = subscriber;
  }

  /** The feed has left an event out. */
  passed(id: string, seq: number): void {
    this.#passed.set(id, seq);
    this.#timer ??= setTimeout(() => this.#flushAll(), interval).unref();
  }

  /** The reader knows the position by an event, or needs it no longer. */
  forget(id: string): void {
    this.#passed.delete(id);
  }

  /** Tells it now. */
  flush(id: string): void {
    const seq = this.#passed.get(id);
    if (seq === undefined) return;
    this.#passed.delete(id);
    const message = { type: "subscription.progress", subscription_id: id, library_id: this.#libraryId, seq };
    this.#subscriber.send(JSON.stringify(message));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#passed.clear();
  }

  #flushAll(): void {
    this.#timer = undefined;
    if (this.#subscriber.congested) this.#timer = setTimeout(() => this.#flushAll(), interval).unref();
    else for (const id of this.#passed.keys()) this.flush(id);
  }
}
