import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { EventSubscriptions, FeedRequest, Subscribed } from "../events/event-subscriptions.ts";
import type { ConnectionLiveQueries, LiveQuerySubscribed } from "./connection-live-queries.ts";
import type { SearchQuery } from "../search/search.ts";

/** All subscriptions and live queries of one connection, up to its limit. */
export class ConnectionSubscriptions {
  readonly #events: EventSubscriptions;
  readonly #liveQueries: ConnectionLiveQueries;
  #starting = 0;

  constructor(events: EventSubscriptions, liveQueries: ConnectionLiveQueries) {
    this.#events = events;
    this.#liveQueries = liveQueries;
  }

  /** @throws ArrwError `too_many_subscriptions`, or as `EventSubscriptions.subscribe` */
  subscribe(request: FeedRequest, answer: (subscribed: Subscribed) => void): Promise<void> {
    return this.#counted(() => this.#events.subscribe(request, answer));
  }

  /** @throws ArrwError `too_many_subscriptions`, or as a search */
  watch(query: SearchQuery, signal: AbortSignal, answer: (subscribed: LiveQuerySubscribed) => void): Promise<void> {
    return this.#counted(() => this.#liveQueries.subscribe(query, signal, answer));
  }

  /** @throws ArrwError `subscription_not_found` */
  unsubscribe(id: string): void {
    if (this.#events.unsubscribe(id) || this.#liveQueries.unsubscribe(id)) return;
    const message = "subscription_id: this connection has no subscription with this id";
    throw new ArrwError("subscription_not_found", message, { field: "subscription_id" });
  }

  /** The connection is no longer congested. */
  resume(): void {
    this.#events.resume();
    this.#liveQueries.resume();
  }

  close(): void {
    this.#events.close();
    this.#liveQueries.close();
  }

  async #counted(start: () => Promise<void>): Promise<void> {
    if (this.#events.size + this.#liveQueries.size + this.#starting >= limits.subscriptionsPerConnection) {
      const message = `A connection may have at most ${limits.subscriptionsPerConnection} subscriptions; unsubscribe from one first`;
      throw new ArrwError("too_many_subscriptions", message);
    }
    this.#starting++;
    try {
      await start();
    } finally {
      this.#starting--;
    }
  }
}
