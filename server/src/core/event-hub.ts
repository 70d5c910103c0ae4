import type { LibraryEvent } from "@arrwdb/protocol/events";
import type { Store } from "../store/store.ts";

/** An event with its JSON, which is made once for all who read it. */
export interface PublishedEvent {
  readonly event: LibraryEvent;
  readonly json: string;
}

export type EventListener = (published: PublishedEvent) => void;

/** Hands the store's commits to those who listen to a library. */
export class EventHub {
  readonly #listeners = new Map<string, Set<EventListener>>();
  readonly #end: () => void;

  constructor(store: Store) {
    this.#end = store.onCommit((events) => {
      for (const event of events) this.#publish(event);
    });
  }

  /** Calls the listener for each change of the library from now on, in order. Returns how to end it. */
  listen(libraryId: string, listener: EventListener): () => void {
    const listeners = this.#listeners.get(libraryId) ?? new Set();
    this.#listeners.set(libraryId, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(libraryId) === listeners) this.#listeners.delete(libraryId);
    };
  }

  close(): void {
    this.#end();
    this.#listeners.clear();
  }

  #publish(event: LibraryEvent): void {
    const listeners = this.#listeners.get(event.library_id);
    if (listeners === undefined) return;
    const published = { event, json: JSON.stringify(event) };
    for (const listener of listeners) listener(published);
  }
}
