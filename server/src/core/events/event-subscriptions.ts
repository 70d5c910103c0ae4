import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { EventType } from "@arrwdb/protocol/events/events";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import { v7 as uuidv7 } from "uuid";
import type { Store } from "../../store/store.ts";
import { EventFeed, type FeedReader } from "./event-feed.ts";
import type { EventHub } from "./event-hub.ts";
import { EventLog } from "./event-log.ts";
import { EventSelector } from "./event-selector.ts";
import type { EventStatistics } from "./event-statistics.ts";
import { FeedProgress } from "./feed-progress.ts";
import type { PublishedEvent } from "./published-event.ts";
import type { Subscriber } from "../subscriber.ts";
import { subscriptionEnded } from "./subscription-ended.ts";

export interface FeedRequest {
  /** Default is all types. */
  readonly types: readonly EventType[] | undefined;
  readonly filter: Filter | null | undefined;
  /** Replays the events after this position first; without it, only new events are sent. */
  readonly fromSeq: number | null | undefined;
  /** Whether to report the feed's position when events were filtered out. */
  readonly progress: boolean;
}

export interface Subscribed {
  readonly subscription_id: string;
  readonly seq: number;
  readonly events: EventType[];
}

interface Subscription {
  readonly id: string;
  readonly selector: EventSelector;
  readonly progress: boolean;
  /** Only events after it are meant. */
  seq: number;
}

/** What the subscriptions of a connection are made from. */
export interface EventSubscriptionsOptions {
  readonly libraryId: string;
  readonly store: Store;
  readonly hub: EventHub;
  readonly statistics: EventStatistics;
  /** Receives the events. */
  readonly subscriber: Subscriber;
}

/**
 * The event subscriptions of one connection. All that have caught up share one feed, so that an event is sent once,
 * with the ids of the matching subscriptions. One that starts further back has a feed of its own until it has caught
 * up.
 */
export class EventSubscriptions {
  readonly #libraryId: string;
  readonly #log: EventLog;
  readonly #statistics: EventStatistics;
  readonly #subscriber: Subscriber;
  readonly #progress: FeedProgress;
  readonly #joined = new Map<string, Subscription>();
  readonly #replaying = new Map<string, EventFeed>();
  readonly #stopListening: () => void;
  #shared: EventFeed | undefined;
  #closed = false;

  constructor({ libraryId, store, hub, statistics, subscriber }: EventSubscriptionsOptions) {
    this.#libraryId = libraryId;
    this.#log = new EventLog(libraryId, store, hub);
    this.#statistics = statistics;
    this.#subscriber = subscriber;
    this.#progress = new FeedProgress(libraryId, subscriber);
    // Since before any position is read, so that none falls between.
    this.#stopListening = hub.listen(libraryId, (published) => this.#receive(published));
  }

  get size(): number {
    return this.#joined.size + this.#replaying.size;
  }

  /**
   * Begins a subscription. `answer` is called with its position before its first event is delivered.
   *
   * @throws ArrwError `position_expired` and `position_ahead`
   */
  async subscribe(request: FeedRequest, answer: (subscribed: Subscribed) => void): Promise<void> {
    const selector = new EventSelector(request.types, request.filter);
    const seq = await this.#log.begin(request.fromSeq ?? undefined);
    if (this.#closed) return;
    const id = uuidv7();
    answer({ subscription_id: id, seq, events: [...selector.types] });
    this.#start({ id, selector, progress: request.progress, seq });
    this.#statistics.subscribed("websocket", 1);
  }

  /** Whether there was such a subscription. */
  unsubscribe(id: string): boolean {
    const feed = this.#replaying.get(id);
    if (feed !== undefined) this.#release(feed);
    const there = this.#replaying.delete(id) || this.#joined.delete(id);
    this.#progress.forget(id);
    if (there) this.#statistics.subscribed("websocket", -1);
    if (this.#joined.size === 0) this.#endShared();
    return there;
  }

  /** The connection is no longer congested. */
  resume(): void {
    this.#shared?.resume();
    for (const feed of this.#replaying.values()) feed.resume();
  }

  close(): void {
    this.#closed = true;
    this.#stopListening();
    for (const id of [...this.#joined.keys(), ...this.#replaying.keys()]) this.unsubscribe(id);
    this.#progress.close();
  }

  #receive(published: PublishedEvent): void {
    this.#shared?.offer(published);
    for (const feed of this.#replaying.values()) feed.offer(published);
  }

  #start(subscription: Subscription): void {
    const feed = this.#feed(subscription.seq, {
      deliver: (published, live) => this.#deliver([subscription], published, live),
      caughtUp: () => this.#join(subscription, feed),
      fail: (error) => this.#end(subscription, error),
    });
    this.#replaying.set(subscription.id, feed);
    feed.resume();
  }

  /** Both have seen all that there is, so they go on together. */
  #join(subscription: Subscription, feed: EventFeed): void {
    subscription.seq = feed.position;
    this.#replaying.delete(subscription.id);
    this.#release(feed);
    this.#joined.set(subscription.id, subscription);
    this.#progress.flush(subscription.id);
    if (this.#shared !== undefined) return;
    this.#shared = this.#feed(feed.position, {
      deliver: (published, live) => this.#deliver(this.#joined.values(), published, live),
      caughtUp: () => undefined,
      fail: (error) => {
        for (const joined of this.#joined.values()) this.#end(joined, error);
      },
    });
    this.#shared.resume();
  }

  #feed(position: number, reader: Omit<FeedReader, "congested">): EventFeed {
    const congested = () => this.#subscriber.congested;
    const feed = new EventFeed(position, this.#log, { ...reader, congested });
    this.#statistics.watch(feed);
    return feed;
  }

  #endShared(): void {
    if (this.#shared !== undefined) this.#release(this.#shared);
    this.#shared = undefined;
  }

  #release(feed: EventFeed): void {
    feed.end();
    this.#statistics.unwatch(feed);
  }

  #deliver(subscriptions: Iterable<Subscription>, published: PublishedEvent, live: boolean): void {
    const ids: string[] = [];
    const { seq } = published.event;
    for (const subscription of subscriptions) {
      if (seq <= subscription.seq) continue;
      if (subscription.selector.wants(published)) ids.push(subscription.id);
      else if (subscription.progress) this.#progress.passed(subscription.id, seq);
    }
    if (ids.length === 0) return;
    const { data } = published.event;
    const cause = "document_id" in data ? data.document_id : undefined;
    this.#subscriber.send(`${published.json.slice(0, -1)},"subscription_ids":${JSON.stringify(ids)}}`, cause);
    for (const id of ids) this.#progress.forget(id);
    this.#statistics.delivered(published.event, live);
  }

  /** A reader that is too slow must resume; other failures end only this subscription. */
  #end(subscription: Subscription, error: ArrwError): void {
    if (error.code === "slow_reader") return this.#subscriber.fail(error);
    if (!this.unsubscribe(subscription.id)) return;
    this.#subscriber.send(JSON.stringify(subscriptionEnded(subscription.id, this.#libraryId, error)));
  }
}
