import type { DatabaseSync } from "node:sqlite";
import type { LibraryEvent } from "@arrwdb/protocol/events";
import { text } from "./rows.ts";

/** The events of each library, which are its changes in order. */
export class EventsTable {
  readonly #insert;
  readonly #after;
  readonly #purge;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO events (library, seq, type, timestamp, data) VALUES (?, ?, ?, ?, ?)");
    this.#after = database.prepare("SELECT data FROM events WHERE library = ? AND seq > ? ORDER BY seq LIMIT ?");
    this.#purge = database.prepare(
      "DELETE FROM events WHERE library = ? AND seq IN (SELECT seq FROM events WHERE library = ? LIMIT ?)",
    );
  }

  insert(library: number, event: LibraryEvent): void {
    this.#insert.run(library, event.seq, event.type, event.timestamp, JSON.stringify(event));
  }

  after(library: number, seq: number, limit: number): readonly LibraryEvent[] {
    return this.#after.all(library, seq, limit).map((row) => {
      const event: LibraryEvent = JSON.parse(text(row, "data"));
      return event;
    });
  }

  /** Removes some events of a deleted library; tells how many. */
  purge(library: number, limit: number): number {
    return Number(this.#purge.run(library, library, limit).changes);
  }
}
