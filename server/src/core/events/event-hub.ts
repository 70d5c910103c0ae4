import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { Store } from "../../store/store.ts";
import { PublishedEvent } from "./published-event.ts";
import { RecentBudget, RecentEvents } from "./recent-events.ts";

export type EventListener = (published: PublishedEvent) => void;

interface Channel {
  readonly listeners: Set<EventListener>;
  readonly recent: RecentEvents;
  /** The greatest position published or read since the first listener; 0 before. */
  head: number;
}

/** Passes the store's commits to the subscribers of a library. */
export class EventHub {
  readonly #channels = new Map<string, Channel>();
  readonly #budget = new RecentBudget();
  readonly #onPublish: (event: LibraryEvent) => void;
  readonly #end: () => void;

  /** @param onPublish called for every event of every library. */
  constructor(store: Store, onPublish: (event: LibraryEvent) => void = () => undefined) {
    this.#onPublish = onPublish;
    this.#end = store.events.onCommit((events) => {
      for (const event of events) this.#publish(event);
    });
  }

  /** Calls the listener for each change of the library from now on, in order. Returns how to end it. */
  listen(libraryId: string, listener: EventListener): () => void {
    const channel = this.#channels.get(libraryId) ?? {
      listeners: new Set(),
      recent: new RecentEvents(this.#budget),
      head: 0,
    };
    this.#channels.set(libraryId, channel);
    channel.listeners.add(listener);
    return () => {
      channel.listeners.delete(listener);
      if (channel.listeners.size > 0 || this.#channels.get(libraryId) !== channel) return;
      this.#channels.delete(libraryId);
      channel.recent.clear();
    };
  }

  /**
   * The greatest position of the library that was published or learnt while it had subscribers; 0 if none was. A
   * library unchanged since the start publishes nothing, so call `learn` before comparing.
   */
  head(libraryId: string): number {
    return this.#channels.get(libraryId)?.head ?? 0;
  }

  /** Records the position that the store returned, which may predate the first subscriber. */
  learn(libraryId: string, seq: number): void {
    const channel = this.#channels.get(libraryId);
    if (channel !== undefined) channel.head = Math.max(channel.head, seq);
  }

  /** Events after a position, if all are recent enough to be in memory; undefined if the log must be read. */
  recent(libraryId: string, afterSeq: number, limit: number): readonly PublishedEvent[] | undefined {
    return this.#channels.get(libraryId)?.recent.after(afterSeq, limit);
  }

  close(): void {
    this.#end();
    this.#channels.clear();
  }

  #publish(event: LibraryEvent): void {
    this.#onPublish(event);
    const channel = this.#channels.get(event.library_id);
    if (channel === undefined) return;
    this.learn(event.library_id, event.seq);
    const published = new PublishedEvent(event);
    channel.recent.add(published);
    for (const listener of channel.listeners) listener(published);
  }
}
