import { ArrwError } from "@arrwdb/protocol/errors";
import { type EventType, eventTypes } from "@arrwdb/protocol/events";
import { limits } from "@arrwdb/protocol/limits";
import { v7 as uuidv7 } from "uuid";
import type { Store } from "../store/store.ts";
import type { EventHub, PublishedEvent } from "./event-hub.ts";

interface Subscription {
  readonly types: ReadonlySet<EventType>;
  /** The position that its answer told; only events after it are meant. */
  readonly seq: number;
}

export interface Subscribed {
  readonly subscription_id: string;
  readonly seq: number;
  readonly events: EventType[];
}

/**
 * The subscriptions of one reader to one library. Each event is delivered once, however many of them it answers, and
 * every event after the position that `subscribe` told: none before its answer, none left out, none twice.
 */
export class Subscriptions {
  readonly #libraryId: string;
  readonly #store: Store;
  readonly #deliver: (json: string) => void;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #end: () => void;
  /** Events that came while a subscription is starting: they wait, so that all are delivered in order. */
  readonly #held: PublishedEvent[] = [];
  #starting = 0;

  constructor(libraryId: string, store: Store, hub: EventHub, deliver: (json: string) => void) {
    this.#libraryId = libraryId;
    this.#store = store;
    this.#deliver = deliver;
    this.#end = hub.listen(libraryId, (published) => this.#receive(published));
  }

  /**
   * Begins a subscription. `answer` is called with its position before its first event is delivered.
   *
   * @param types the events to hear of; all where undefined.
   */
  async subscribe(types: readonly EventType[] | undefined, answer: (subscribed: Subscribed) => void): Promise<void> {
    if (this.#subscriptions.size + this.#starting >= limits.subscriptionsPerConnection) {
      const message = `A connection holds at most ${limits.subscriptionsPerConnection} subscriptions; end one first`;
      throw new ArrwError("too_many_subscriptions", message);
    }
    this.#starting++;
    try {
      // Events are held since before the position is read, so none can fall between the two.
      const { seq } = await this.#store.getLibrary(this.#libraryId);
      const chosen = new Set(types ?? eventTypes);
      const id = uuidv7();
      answer({ subscription_id: id, seq, events: [...chosen] });
      this.#subscriptions.set(id, { types: chosen, seq });
    } finally {
      this.#starting--;
      if (this.#starting === 0) for (const published of this.#held.splice(0)) this.#offer(published);
    }
  }

  /** @throws ArrwError `subscription_not_found` */
  unsubscribe(id: string): void {
    if (this.#subscriptions.delete(id)) return;
    const message = "subscription_id: this connection has no such subscription";
    throw new ArrwError("subscription_not_found", message, { field: "subscription_id" });
  }

  close(): void {
    this.#end();
    this.#subscriptions.clear();
  }

  #receive(published: PublishedEvent): void {
    if (this.#starting > 0) this.#held.push(published);
    else this.#offer(published);
  }

  #offer({ event, json }: PublishedEvent): void {
    for (const { types, seq } of this.#subscriptions.values()) {
      if (event.seq <= seq || !types.has(event.type)) continue;
      this.#deliver(json);
      return;
    }
  }
}
