import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import { type EventType, type LibraryEvent, libraryEvent } from "@arrwdb/protocol/events/events";
import { EventHub } from "../../../server/src/core/events/event-hub.ts";
import { EventStatistics } from "../../../server/src/core/events/event-statistics.ts";
import { EventStreams } from "../../../server/src/core/events/event-streams.ts";
import { EventSubscriptions } from "../../../server/src/core/events/event-subscriptions.ts";
import type { Store } from "../../../server/src/store/store.ts";

/** What tells of events, as a server that has just started has it. */
export class EventRoom {
  readonly store: Store;
  readonly statistics = new EventStatistics();
  readonly hub: EventHub;
  readonly streams: EventStreams;

  constructor(store: Store) {
    this.store = store;
    this.hub = new EventHub(store);
    this.streams = new EventStreams(store, this.hub, this.statistics);
  }
}

export type ReaderKind = "stream" | "socket";

/**
 * A reader of events that takes as many as it has room for, and comes back to where it was. It is what a connection is to
 * the core.
 */
export class EventReader {
  readonly kind: ReaderKind;
  readonly types: readonly EventType[] | undefined;
  /** Everything that it was told, over all of its visits. */
  readonly told: LibraryEvent[] = [];
  /** Where it began at first. */
  from = 0;
  /** Events that it takes before it is congested. */
  room = 0;
  failure: ArrwError | undefined;
  #position = 0;
  #resume: () => void = () => undefined;
  #leave: () => void = () => undefined;

  constructor(kind: ReaderKind, types: readonly EventType[] | undefined) {
    this.kind = kind;
    this.types = types;
  }

  get congested(): boolean {
    return this.room === 0;
  }

  /** The last event that it was told, or where it began. */
  get position(): number {
    return this.#position;
  }

  /** Comes for the first time; from now on where no position is given. */
  async begin(room: EventRoom, libraryId: string, fromSeq: number | undefined): Promise<void> {
    this.from = await this.#open(room, libraryId, fromSeq);
    this.#position = this.from;
  }

  /** Comes back to where it was. */
  async resume(room: EventRoom, libraryId: string): Promise<void> {
    this.#leave();
    await this.#open(room, libraryId, this.#position);
  }

  leave(): void {
    this.#leave();
  }

  /** Reads, so that there is room for more. */
  read(count: number): void {
    this.room += count;
    this.#resume();
  }

  async #open(room: EventRoom, libraryId: string, fromSeq: number | undefined): Promise<number> {
    return this.kind === "stream" ? this.#stream(room, libraryId, fromSeq) : this.#socket(room, libraryId, fromSeq);
  }

  async #stream({ streams }: EventRoom, libraryId: string, fromSeq: number | undefined): Promise<number> {
    const request = { types: this.types, filter: undefined, fromSeq };
    const stream = await streams.open(libraryId, request, {
      deliver: ({ event }) => this.#take(event),
      congested: () => this.congested,
      fail: (error) => (this.failure = error),
    });
    this.#resume = () => stream.resume();
    this.#leave = () => stream.end();
    return stream.from;
  }

  async #socket({ store, hub, statistics }: EventRoom, libraryId: string, fromSeq: number | undefined) {
    const congested = () => this.congested;
    const subscriptions = new EventSubscriptions({
      libraryId,
      store,
      hub,
      statistics,
      subscriber: {
        send: (json) => this.#hear(JSON.parse(json)),
        get congested() {
          return congested();
        },
        fail: (error) => (this.failure = error),
      },
    });
    this.#resume = () => subscriptions.resume();
    this.#leave = () => subscriptions.close();
    let from = 0;
    const request = { types: this.types, filter: undefined, fromSeq, progress: true };
    await subscriptions.subscribe(request, ({ seq }) => (from = seq));
    return from;
  }

  #hear(message: { readonly type: string; readonly seq: number }): void {
    if (message.type === "subscription.progress") this.#position = message.seq;
    else this.#take(libraryEvent.parse(message));
  }

  #take(event: LibraryEvent): void {
    if (this.room === 0) throw new Error(`Event ${event.seq} is one more than there was room for`);
    this.room--;
    this.told.push(event);
    this.#position = event.seq;
  }
}
