import { isUuid } from "@arrwdb/protocol/documents/document-id";
import { libraryNotFound } from "../../engine/rows/libraries-table.ts";
import { integer, text } from "../../engine/rows/row-values.ts";
import type { PostgresDatabase } from "../database/postgres-database.ts";
import { databaseNow } from "./read-needs.ts";

const readPositions = {
  name: "positions",
  text: `SELECT library, seq, coalesce(expires_at <= ${databaseNow}, false)::int AS expired FROM arrwdb.libraries
    WHERE library = ANY($1) AND deleted_at IS NULL`,
};

/** Where a library is. */
export interface LibraryPosition {
  readonly seq: number;
  /** Whether it may have documents that have expired and are not deleted yet. */
  readonly hasExpired: boolean;
}

type Asked = PromiseWithResolvers<LibraryPosition>;

/** Asks PostgreSQL where libraries are, with one statement for all who ask while another one is in progress. */
export class Positions {
  readonly #database: PostgresDatabase;
  #asked = new Map<string, Asked>();
  #isAsking = false;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  /** The position at some time after the call. @throws ArrwError `library_not_found` */
  ask(libraryId: string): Promise<LibraryPosition> {
    const asked = this.#asked.get(libraryId) ?? Promise.withResolvers<LibraryPosition>();
    this.#asked.set(libraryId, asked);
    if (!this.#isAsking) {
      this.#isAsking = true;
      void this.#run();
    }
    return asked.promise;
  }

  async #run(): Promise<void> {
    // Whoever asks in the same turn of the event loop is asked for with it.
    await Promise.resolve();
    while (this.#asked.size > 0) {
      const asked = this.#asked;
      this.#asked = new Map();
      await this.#read(asked);
    }
    this.#isAsking = false;
  }

  async #read(asked: ReadonlyMap<string, Asked>): Promise<void> {
    try {
      const rows = await this.#database.run(readPositions, [[...asked.keys()]]);
      const found = new Map(rows.map((row) => [text(row, "library"), row]));
      for (const [id, { resolve, reject }] of asked) {
        const row = found.get(id);
        if (row === undefined) reject(libraryNotFound(id));
        else resolve({ seq: integer(row, "seq"), hasExpired: integer(row, "expired") === 1 });
      }
    } catch (error) {
      for (const { reject } of asked.values()) reject(error);
    }
  }
}

/** Ids of libraries are UUIDs; PostgreSQL would refuse anything else. @throws ArrwError `library_not_found` */
export function checkLibraryId(id: string): void {
  if (!isUuid(id)) throw libraryNotFound(id);
}
