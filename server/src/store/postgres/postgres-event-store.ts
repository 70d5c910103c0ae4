import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events/events";
import { checkEventRange } from "../event-range-check.ts";
import type { CommitListener, EventRange, Events, EventStore } from "../event-store.ts";
import { text } from "../engine/rows/row-values.ts";
import { type PostgresDatabase, together } from "./database/postgres-database.ts";
import { libraryColumns, toLoggedLibrary } from "./log/logged-library.ts";
import type { LogWriter } from "./log/log-writer.ts";
import { checkLibraryId, libraryNotFound } from "./log/positions.ts";
import { eventColumn } from "./log/write-staged.ts";

const begin = { text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
const readLibrary = {
  name: "library",
  text: `SELECT ${libraryColumns} FROM arrwdb.libraries WHERE library = $1 AND deleted_at IS NULL`,
};
const readEvents = {
  name: "event-page",
  text: "SELECT event FROM arrwdb.events WHERE library = $1 AND seq > $2 ORDER BY seq LIMIT $3",
};

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
        session.run(begin),
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
