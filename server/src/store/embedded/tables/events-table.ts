import type { DatabaseSync } from "node:sqlite";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { EventRange } from "../../event-store.ts";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import { integer, text } from "../../engine/rows/row-values.ts";

const eventColumn = new JsonColumn<LibraryEvent>();

/** The events of each library, one per change, in order. */
export class EventsTable {
  readonly #insert;
  readonly #after;
  readonly #earliest;
  readonly #removeUpTo;
  readonly #times;
  readonly #latest;
  readonly #purge;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO events (library, seq, type, timestamp, data) VALUES (?, ?, ?, ?, ?)");
    this.#after = database.prepare("SELECT data FROM events WHERE library = ? AND seq > ? ORDER BY seq LIMIT ?");
    this.#earliest = database.prepare("SELECT MIN(seq) AS seq FROM events WHERE library = ?");
    this.#removeUpTo = database.prepare(
      "DELETE FROM events WHERE library = ? AND seq IN (SELECT seq FROM events WHERE library = ? AND seq <= ? ORDER BY seq LIMIT ?)",
    );
    this.#times = database.prepare("SELECT seq, timestamp FROM events WHERE library = ? ORDER BY seq LIMIT ?");
    this.#latest = database.prepare("SELECT timestamp FROM events WHERE library = ? ORDER BY seq DESC LIMIT 1");
    this.#purge = database.prepare(
      "DELETE FROM events WHERE library = ? AND seq IN (SELECT seq FROM events WHERE library = ? LIMIT ?)",
    );
  }

  insert(library: number, event: LibraryEvent): void {
    this.#insert.run(library, event.seq, event.type, event.timestamp, eventColumn.encode(event));
  }

  after(library: number, { afterSeq, limit, maxCharacters = Infinity }: EventRange): readonly LibraryEvent[] {
    const events: LibraryEvent[] = [];
    let characters = 0;
    for (const row of this.#after.iterate(library, afterSeq, limit)) {
      const json = text(row, "data");
      characters += json.length;
      if (events.length > 0 && characters > maxCharacters) break;
      events.push(complete(eventColumn.decode(json)));
    }
    return events;
  }

  /** Seq of the first retained event, or undefined if there is none. */
  earliest(library: number): number | undefined {
    const row = this.#earliest.get(library);
    return row === undefined || row["seq"] === null ? undefined : integer(row, "seq");
  }

  /**
   * Among the first `limit` events, the seq of the last one before the first that is recent enough, or undefined if the first
   * one is. Later events may have earlier times if the clock was set back.
   */
  lastOlder(library: number, timestamp: string, limit: number): number | undefined {
    let last: number | undefined;
    for (const row of this.#times.iterate(library, limit)) {
      if (text(row, "timestamp") >= timestamp) break;
      last = integer(row, "seq");
    }
    return last;
  }

  /** Time of the last retained event, or undefined if there is none. */
  latest(library: number): string | undefined {
    const row = this.#latest.get(library);
    return row === undefined ? undefined : text(row, "timestamp");
  }

  /** Deletes up to `limit` events up to a seq; returns how many. */
  removeUpTo(library: number, seq: number, limit: number): number {
    return Number(this.#removeUpTo.run(library, library, seq, limit).changes);
  }

  /** Deletes some events of a deleted library; returns how many. */
  purge(library: number, limit: number): number {
    return Number(this.#purge.run(library, library, limit).changes);
  }
}

/** Gives events that were stored before version 1.5 of the protocol what they lack. */
function complete(event: LibraryEvent): LibraryEvent {
  switch (event.type) {
    case "document.added":
    case "document.updated":
      return isComplete(event.data) ? event : { ...event, data: { ...event.data, ...completion, expires_at: null } };
    case "document.deleted":
      return isComplete(event.data) ? event : { ...event, data: { ...event.data, ...completion } };
    case "library.created":
    case "library.updated":
    case "library.deleted":
    case "document.expired":
    case "search.performed":
      return event;
  }
}

const completion = { title_generated: false };
const isComplete = (data: object): boolean => Object.hasOwn(data, "title_generated");
