import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events/events";
import { checkEventRange } from "../event-range-check.ts";
import type { CommitListener, EventRange, Events, EventStore } from "../event-store.ts";
import { text } from "../engine/rows/row-values.ts";
import { type PostgresDatabase, together } from "./database/postgres-database.ts";
import { beginSnapshot, readEvents } from "./log/log-reader.ts";
import { readLibrary, toLoggedLibrary } from "./log/logged-library.ts";
import type { LogWriter } from "./log/log-writer.ts";
import { checkLibraryId } from "./log/positions.ts";
import { libraryNotFound } from "../engine/rows/libraries-table.ts";
import { eventColumn } from "./log/write-staged.ts";

/** The event log in PostgreSQL. */
export class PostgresEventStore implements EventStore {
  readonly #database: PostgresDatabase;
  readonly #writer: LogWriter;
  readonly #listeners = new Set<CommitListener>();

  constructor(database: PostgresDatabase, writer: LogWriter) {
    this.#database = database;
    this.#writer = writer;
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(events: readonly LibraryEvent[]): void {
    for (const listener of this.#listeners) listener(events);
  }

  async read(libraryId: string, { afterSeq, limit, maxCharacters = Infinity }: EventRange): Promise<Events> {
    checkLibraryId(libraryId);
    const [, [library], rows] = await this.#database.session((session) =>
      together([
        session.run(beginSnapshot),
        session.run(readLibrary, [libraryId]),
        session.run(readEvents, [libraryId, afterSeq, limit]),
        session.run({ text: "COMMIT" }),
      ]),
    );
    if (library === undefined) throw libraryNotFound(libraryId);
    const {
      library: { seq },
      earliestSeq,
    } = toLoggedLibrary(library);
    checkEventRange(afterSeq, { seq, earliestSeq });
    const events: LibraryEvent[] = [];
    let characters = 0;
    for (const row of rows) {
      const json = text(row, "event");
      characters += json.length;
      if (events.length > 0 && characters > maxCharacters) break;
      events.push(eventColumn.decode(json));
    }
    return { events, seq, earliestSeq };
  }

  async recordSearch(libraryId: string, search: SearchPerformed): Promise<number> {
    checkLibraryId(libraryId);
    return this.#writer.write(libraryId, {
      needs: {},
      documents: 1,
      bytes: 0,
      decide: (writer) => writer.recordSearch(libraryId, search),
    });
  }

  close(): void {
    this.#listeners.clear();
  }
}
