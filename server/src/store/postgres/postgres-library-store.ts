import { isUuid } from "@arrwdb/protocol/documents/document-id";
import type { Library } from "@arrwdb/protocol/documents/model";
import { textFault } from "@arrwdb/protocol/text";
import { v7 as uuidv7 } from "uuid";
import type { Writer } from "../embedded/writing/writer.ts";
import { decodeCursor, encodeCursor } from "../engine/rows/cursor.ts";
import { text } from "../engine/rows/row-values.ts";
import { type LibraryPatch, type LibraryStore, type NewLibrary, sameNames } from "../library-store.ts";
import type { Page, PageRequest } from "../page.ts";
import type { PostgresDatabase } from "./database/postgres-database.ts";
import type { LibraryReads } from "./library-reads.ts";
import { libraryColumns, readLibrary, toLoggedLibrary } from "./log/logged-library.ts";
import type { LibraryNeeds } from "./log/library-needs.ts";
import type { LogWriter } from "./log/log-writer.ts";
import { checkLibraryId } from "./log/positions.ts";
import { libraryNotFound } from "../engine/rows/libraries-table.ts";

/** Name of the list in its cursors. */
const listName = "libraries";

const readPage = {
  name: "libraries",
  text: `SELECT ${libraryColumns} FROM arrwdb.libraries WHERE number > $1 AND deleted_at IS NULL ORDER BY number LIMIT $2`,
};
const readNamed = {
  name: "libraries-named",
  text: `SELECT library FROM arrwdb.libraries WHERE name = $1 AND deleted_at IS NULL AND ($2::uuid[] IS NULL OR library = ANY($2))
    ORDER BY number LIMIT ${sameNames}`,
};

/** Libraries in PostgreSQL; statistics and exports are of the replica. */
export class PostgresLibraryStore implements LibraryStore {
  readonly #database: PostgresDatabase;
  readonly #writer: LogWriter;
  readonly #reads: LibraryReads;

  constructor(database: PostgresDatabase, writer: LogWriter, reads: LibraryReads) {
    this.#database = database;
    this.#writer = writer;
    this.#reads = reads;
  }

  create(library: NewLibrary): Promise<Library> {
    const needs = library.uniqueName === true ? { name: library.name } : {};
    return this.#change(uuidv7(), needs, (writer) => writer.createLibrary(library));
  }

  async get(id: string): Promise<Library> {
    await this.#reads.position(id);
    const [row] = await this.#database.run(readLibrary, [id]);
    if (row === undefined) throw libraryNotFound(id);
    return toLoggedLibrary(row).library;
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Library>> {
    const after = decodeCursor(listName, cursor);
    const rows = (await this.#database.run(readPage, [after, limit + 1])).map(toLoggedLibrary);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(({ library }) => library),
      nextCursor: last === undefined ? null : encodeCursor(listName, last.number),
      seq: 0,
    };
  }

  async named(name: string, among: readonly string[] | null): Promise<readonly string[]> {
    // No library has a name that cannot be stored, and PostgreSQL would refuse to compare it.
    if (textFault(name) !== undefined) return [];
    const rows = await this.#database.run(readNamed, [name, among?.filter(isUuid) ?? null]);
    return rows.map((row) => text(row, "library"));
  }

  async update(id: string, patch: LibraryPatch): Promise<Library> {
    checkLibraryId(id);
    const needs = patch.uniqueName === true ? { name: patch.name } : {};
    return this.#change(id, needs, (writer) => writer.updateLibrary({ id, patch }));
  }

  async delete(id: string): Promise<number> {
    checkLibraryId(id);
    return this.#change(id, {}, (writer) => writer.deleteLibrary(id));
  }

  statistics(id: string) {
    return this.#reads.read(id, ({ libraries }) => libraries.statistics(id));
  }

  export(id: string) {
    return this.#reads.read(id, ({ libraries }) => libraries.export(id));
  }

  #change<Value>(id: string, needs: LibraryNeeds, decide: (writer: Writer) => Value): Promise<Value> {
    return this.#writer.write(id, { needs, documents: 1, bytes: 0, decide });
  }
}
