import type { LibraryEvent } from "@arrwdb/protocol/events";
import type { Store } from "../store/store.ts";
import { PublishedEvent } from "./published-event.ts";
import { RecentBudget, RecentEvents } from "./recent-events.ts";

export type EventListener = (published: PublishedEvent) => void;

interface Channel {
  readonly listeners: Set<EventListener>;
  readonly recent: RecentEvents;
  /** The position of the last event that was published since somebody listens; 0 before. */
  head: number;
}

/** Hands the store's commits to those who listen to a library. */
export class EventHub {
  readonly #channels = new Map<string, Channel>();
  readonly #budget = new RecentBudget();
  readonly #onPublish: (event: LibraryEvent) => void;
  readonly #end: () => void;

  /** @param onPublish called for every event of every library. */
  constructor(store: Store, onPublish: (event: LibraryEvent) => void = () => undefined) {
    this.#onPublish = onPublish;
    this.#end = store.onCommit((events) => {
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

  /** The greatest position that was published while somebody listened to the library; 0 where none was. */
  head(libraryId: string): number {
    return this.#channels.get(libraryId)?.head ?? 0;
  }

  /** Events after a position, where they happened a moment ago; undefined where the log has to tell. */
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
    channel.head = event.seq;
    const published = new PublishedEvent(event);
    channel.recent.add(published);
    for (const listener of channel.listeners) listener(published);
  }
}
