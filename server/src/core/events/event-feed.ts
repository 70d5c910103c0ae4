import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { EventLog } from "./event-log.ts";
import type { PublishedEvent } from "./published-event.ts";

/** The reader of an event feed. */
export interface FeedReader {
  /** Takes the next event, in the order of seq, without gap or duplicate. `live`: it was published just now. */
  deliver(published: PublishedEvent, live: boolean): void;
  /** Whether the reader's buffer is full; `EventFeed.resume` signals that it is not any more. */
  congested(): boolean;
  /** The feed has reached the end of the log; later events are live. */
  caughtUp(): void;
  /** The feed has ended and will deliver nothing more. */
  fail(error: ArrwError): void;
}

/** `reading` from the log, `waiting` for the reader, `live` from the hub. */
type FeedState = "reading" | "waiting" | "live" | "ended";

/**
 * Delivers the events of a library to one reader from a position on: first from the log, then live. A reader that
 * cannot take more is not sent live events; it reads the log once it can. So its cost does not grow with what it
 * misses.
 */
export class EventFeed {
  readonly #log: EventLog;
  readonly #reader: FeedReader;
  #state: FeedState = "waiting";
  #position: number;
  /** Characters of events published since the reader became congested. */
  #backlog = 0;
  #wasLive = false;

  /** @param position the last event that the reader has, as returned by `log.begin` */
  constructor(position: number, log: EventLog, reader: FeedReader) {
    this.#position = position;
    this.#log = log;
    this.#reader = reader;
  }

  /** The last event that was delivered, or passed over by the reader. */
  get position(): number {
    return this.#position;
  }

  /** How many changes of the library the reader does not know yet. */
  get lag(): number {
    return Math.max(0, this.#log.head - this.#position);
  }

  /** Starts, or continues after the reader was congested. */
  resume(): void {
    if (this.#state !== "waiting" || this.#reader.congested()) return;
    this.#backlog = 0;
    this.#read().catch((error: unknown) => this.#fail(error));
  }

  /** Takes an event of the library that has just happened. */
  offer(published: PublishedEvent): void {
    const { seq } = published.event;
    if (this.#state === "ended" || seq <= this.#position) return;
    if (this.#state === "live") {
      if (seq === this.#position + 1 && !this.#reader.congested()) return this.#deliver(published, true);
      this.#state = "waiting";
    }
    if (this.#state !== "waiting") return;
    this.resume();
    if (this.#state !== "waiting") return;
    this.#backlog += published.json.length;
    if (this.#backlog <= limits.eventBacklogBytes) return;
    const message = `Events were not read fast enough; reconnect and resume with from_seq ${this.#position}`;
    this.#fail(new ArrwError("slow_reader", message));
  }

  end(): void {
    this.#state = "ended";
  }

  async #read(): Promise<void> {
    this.#state = "reading";
    while (this.#position < this.#log.head) {
      const events = await this.#log.after(this.#position, () => this.#reading && !this.#reader.congested());
      for (const published of events) {
        // The rest is read again later: one page more would be too much for a reader of many feeds.
        if (!this.#reading || this.#reader.congested()) break;
        this.#deliver(published, false);
      }
      if (!this.#reading) return;
      if (this.#reader.congested()) {
        this.#state = "waiting";
        return;
      }
    }
    this.#goLive();
  }

  /** Read anew each time, as the reader may end the feed during a delivery. */
  get #reading(): boolean {
    return this.#state === "reading";
  }

  #goLive(): void {
    this.#state = "live";
    const first = !this.#wasLive;
    this.#wasLive = true;
    if (first) this.#reader.caughtUp();
  }

  #deliver(published: PublishedEvent, live: boolean): void {
    this.#position = published.event.seq;
    this.#reader.deliver(published, live);
  }

  #fail(error: unknown): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#reader.fail(toArrwError(error));
  }
}
