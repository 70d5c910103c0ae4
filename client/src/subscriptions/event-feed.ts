import type { ServerMessage } from "@arrwdb/protocol/websocket/messages";
import type { BackoffSettings } from "../connection/backoff.ts";
import type { Connection } from "../connection/connection.ts";
import { ArrwClientError } from "../errors.ts";
import { Outlet } from "./outlet.ts";
import { type SubscribeResponse, Subscription } from "./subscription.ts";
import { unlessAborted } from "../waiting.ts";
import type { EventSelection, Filter, LibraryEvent } from "../wire.ts";

export interface EventOptions {
  /** The position after which to start: 0 for all events that are kept. Default is now. */
  readonly from?: number | undefined;
  /** The event types to receive. Default is all. */
  readonly events?: EventSelection | undefined;
  /** Filter on the document that an event is about; events that are not about a document pass. */
  readonly metadata_filter?: Filter | undefined;
  /** Cancels the iteration, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Maximum number of events held for the program; beyond it, the subscription is paused. Default is 1,000. */
  readonly buffer?: number | undefined;
}

/** An event, or the position up to which the server found none that matches. */
type Entry = { readonly seq: number; readonly event?: LibraryEvent };

/**
 * A library's events in the order of `seq`, none missing and none duplicated, across restarts and disconnects. Starts
 * with the first `next()` or `ready()`. One reader at a time.
 *
 * @throws ArrwClientError from `next()` if it cannot continue: `position_expired` with `earliestSeq`,
 *   `position_ahead`, `library_not_found`, `library_deleted`, `closed`
 */
export class EventFeed implements AsyncIterableIterator<LibraryEvent, undefined> {
  readonly #options: EventOptions;
  readonly #limit: number;
  readonly #outlet: Outlet<LibraryEvent>;
  readonly #subscription: Subscription;
  readonly #ready = Promise.withResolvers<number>();
  readonly #waiting: Entry[] = [];
  /** What the program has been given. */
  #position: number | undefined;
  /** Received, and not read yet. */
  #received: number | undefined;

  /** @internal */
  constructor(connection: Connection, options: EventOptions, reconnect: BackoffSettings) {
    this.#options = options;
    this.#limit = options.buffer ?? 1_000;
    this.#position = options.from;
    this.#received = options.from;
    this.#ready.promise.catch(() => undefined);
    this.#subscription = new Subscription(
      connection,
      {
        request: () => this.#request(),
        subscribed: (answer) => this.#subscribed(answer),
        received: (message) => this.#onMessage(message),
        failed: (error) => this.#failed(error),
      },
      reconnect,
    );
    const source = {
      start: () => this.#subscription.start(),
      take: () => this.#take(),
      stop: () => this.#stop(),
    };
    this.#outlet = new Outlet(source, options.signal);
  }

  /**
   * The position up to which the program has received every selected event: that of the last event yielded, or further
   * if the server reported that nothing else matched. Pass it as `from` to resume here in another run. Undefined until
   * the server has accepted the subscription.
   */
  get position(): number | undefined {
    return this.#position;
  }

  /** Starts, and waits until the server has accepted the subscription; returns the position after which events are delivered. */
  async ready(): Promise<number> {
    this.#outlet.start();
    return unlessAborted(this.#ready.promise, this.#options.signal);
  }

  async next(): Promise<IteratorResult<LibraryEvent, undefined>> {
    return this.#outlet.next();
  }

  async return(): Promise<IteratorResult<LibraryEvent, undefined>> {
    return this.#outlet.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #request() {
    const { events, metadata_filter } = this.#options;
    return { events, metadata_filter, from_seq: this.#received, progress: true };
  }

  #subscribed({ seq }: SubscribeResponse): void {
    this.#received ??= seq;
    this.#position ??= seq;
    this.#ready.resolve(this.#received);
  }

  #onMessage(message: ServerMessage): void {
    if (message.type === "subscription.progress") return this.#arrived({ seq: message.seq });
    if (!("subscription_ids" in message)) return;
    const { subscription_ids: _, ...event } = message;
    this.#arrived({ seq: event.seq, event });
  }

  #arrived(entry: Entry): void {
    // After a resumption, events may arrive twice.
    if (this.#received !== undefined && entry.seq <= this.#received) return;
    this.#received = entry.seq;
    const last = this.#waiting.at(-1);
    // Consecutive progress reports supersede each other.
    if (entry.event === undefined && last !== undefined && last.event === undefined) this.#waiting.pop();
    this.#waiting.push(entry);
    this.#outlet.notify();
    // A browser's WebSocket has no backpressure, but a subscription can be resumed from its position.
    if (this.#waiting.length >= this.#limit && !this.#subscription.paused) this.#subscription.pause();
  }

  #take(): { readonly value: LibraryEvent } | undefined {
    for (;;) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return undefined;
      if (this.#subscription.paused && this.#waiting.length <= this.#limit / 2) this.#subscription.resume();
      this.#position = entry.seq;
      if (entry.event !== undefined) return { value: entry.event };
    }
  }

  #failed(error: ArrwClientError): void {
    this.#ready.reject(error);
    this.#outlet.fail(error);
  }

  #stop(): void {
    this.#waiting.length = 0;
    this.#ready.reject(new ArrwClientError("closed", "The feed was closed before it started"));
    this.#subscription.stop();
  }
}
