import type { DatabaseSync } from "node:sqlite";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { indexSettings } from "@arrwdb/protocol/documents/index-settings";
import { type Library, textLanguage } from "@arrwdb/protocol/documents/model";
import { sameNames } from "../../library-store.ts";
import type { Page, PageRequest } from "../../page.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { flag, integer, nullableInteger, nullableText, type Row, text } from "./row-values.ts";

/** What a library is being re-embedded to. */
export interface NextSpace {
  readonly embeddingModel: string;
  readonly dimension: number;
  /** Each chunk with a key up to this one has its vector. */
  readonly after: number;
}

/** A library with its row key, which its rows refer to. */
export interface LibraryRow {
  readonly key: number;
  readonly library: Library;
  /** How often it was re-embedded: vectors of different spaces are never compared. */
  readonly space: number;
  readonly next: NextSpace | undefined;
}

function toNextSpace(row: Row): NextSpace | undefined {
  const embeddingModel = nullableText(row, "next_model");
  if (embeddingModel === null) return undefined;
  return { embeddingModel, dimension: integer(row, "next_dimension"), after: integer(row, "next_after") };
}

function toLibraryRow(row: Row): LibraryRow {
  return {
    key: integer(row, "key"),
    space: integer(row, "space"),
    next: toNextSpace(row),
    library: {
      id: text(row, "id"),
      name: text(row, "name"),
      description: nullableText(row, "description"),
      embedding_model: text(row, "embedding_model"),
      dimension: integer(row, "dimension"),
      language: textLanguage.parse(text(row, "language")),
      index: indexSettings.parse(JSON.parse(text(row, "index_settings"))),
      events: {
        max_age_seconds: nullableInteger(row, "event_max_age"),
        max_count: nullableInteger(row, "event_max_count"),
        search_performed: flag(row, "search_performed"),
      },
      created_at: text(row, "created_at"),
      num_documents: integer(row, "num_documents"),
      num_chunks: integer(row, "num_chunks"),
      seq: integer(row, "seq"),
    },
  };
}

/** In the order in which the statements below list them. */
const settingColumns = ({ events, index }: Library) =>
  [events.max_age_seconds, events.max_count, events.search_performed ? 1 : 0, JSON.stringify(index)] as const;

/** Name of the list in its cursors. */
const listName = "libraries";

export const libraryNotFound = (id: string): ArrwError =>
  new ArrwError("library_not_found", `There is no library ${id}`);

/** The libraries and their counts. Deleted ones are invisible until they are purged. */
export class LibrariesTable {
  readonly #insert;
  readonly #find;
  readonly #update;
  readonly #page;
  readonly #named;
  readonly #namedAmong;
  readonly #stretch;
  readonly #overdue;
  readonly #all;
  readonly #setNext;
  readonly #changeOver;
  readonly #markDeleted;
  readonly #nextDeleted;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO libraries (id, name, description, embedding_model, dimension, created_at, seq, event_max_age, event_max_count, search_performed, index_settings, language)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#find = database.prepare("SELECT * FROM libraries WHERE id = ? AND deleted = 0");
    this.#update = database.prepare(
      `UPDATE libraries SET name = ?, description = ?, num_documents = ?, num_chunks = ?, seq = ?, event_max_age = ?, event_max_count = ?, search_performed = ?, index_settings = ?
       WHERE key = ?`,
    );
    this.#page = database.prepare("SELECT * FROM libraries WHERE key > ? AND deleted = 0 ORDER BY key LIMIT ?");
    const named = "SELECT id FROM libraries WHERE name = ? AND deleted = 0";
    this.#named = database.prepare(`${named} ORDER BY key LIMIT ${sameNames}`);
    this.#namedAmong = database.prepare(`${named} AND id IN (SELECT value FROM json_each(?)) ORDER BY key`);
    this.#stretch = database.prepare(
      "SELECT max(key) AS last FROM (SELECT key FROM libraries WHERE key > ? ORDER BY key LIMIT ?)",
    );
    this.#overdue = database.prepare(
      `SELECT id FROM libraries AS one WHERE key > ? AND key <= ? AND deleted = 0 AND (
         (SELECT min(seq) FROM events WHERE library = one.key) <= seq - event_max_count
         OR (SELECT timestamp FROM events WHERE library = one.key ORDER BY seq LIMIT 1)
           < strftime('%Y-%m-%dT%H:%M:%fZ', ?, '-' || event_max_age || ' seconds'))`,
    );
    this.#all = database.prepare("SELECT * FROM libraries WHERE deleted = 0");
    this.#setNext = database.prepare(
      "UPDATE libraries SET next_model = ?, next_dimension = ?, next_after = ? WHERE key = ?",
    );
    this.#changeOver = database.prepare(
      "UPDATE libraries SET embedding_model = ?, dimension = ?, space = ?, next_model = NULL, next_dimension = NULL, next_after = NULL WHERE key = ?",
    );
    this.#markDeleted = database.prepare(
      "UPDATE libraries SET deleted = 1, seq = ?, id = 'deleted ' || key WHERE key = ?",
    );
    this.#nextDeleted = database.prepare("SELECT key FROM libraries WHERE deleted = 1 LIMIT 1");
    this.#remove = database.prepare("DELETE FROM libraries WHERE key = ?");
  }

  insert(library: Library): number {
    const { id, name, description, embedding_model, dimension, created_at, seq } = library;
    const values = [id, name, description, embedding_model, dimension, created_at, seq] as const;
    return Number(this.#insert.run(...values, ...settingColumns(library), library.language).lastInsertRowid);
  }

  /** @throws ArrwError `library_not_found` */
  find(id: string): LibraryRow {
    const row = this.peek(id);
    if (row === undefined) throw libraryNotFound(id);
    return row;
  }

  peek(id: string): LibraryRow | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : toLibraryRow(row);
  }

  update(key: number, library: Library): void {
    const { name, description, num_documents, num_chunks, seq } = library;
    this.#update.run(name, description, num_documents, num_chunks, seq, ...settingColumns(library), key);
  }

  /** Begins to re-embed it, goes on, or ends. */
  setNext(key: number, next: NextSpace | undefined): void {
    this.#setNext.run(next?.embeddingModel ?? null, next?.dimension ?? null, next?.after ?? null, key);
  }

  /** From now on its vectors are those of this space, which is the next one. */
  changeOver({ key, library, space }: LibraryRow): void {
    this.#changeOver.run(library.embedding_model, library.dimension, space, key);
  }

  page({ limit, cursor }: PageRequest): Page<Library> {
    const rows = this.#page.all(decodeCursor(listName, cursor), limit + 1).map(toLibraryRow);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(({ library }) => library),
      nextCursor: last === undefined ? null : encodeCursor(listName, last.key),
      seq: 0,
    };
  }

  /** The ids of libraries with this name, at most `sameNames`; only those among the given ones unless null. */
  named(name: string, among: readonly string[] | null = null): readonly string[] {
    const rows = among === null ? this.#named.all(name) : this.#namedAmong.all(name, JSON.stringify(among));
    return rows.slice(0, sameNames).map((row) => text(row, "id"));
  }

  /**
   * Checks some libraries with keys greater than `after`: returns the last of these keys, undefined if there are no more, and
   * the ids of those whose first event has expired.
   */
  overdue(after: number, limit: number, now: Date): { last: number | undefined; ids: readonly string[] } {
    const stretch = this.#stretch.get(after, limit);
    if (stretch === undefined || stretch["last"] === null) return { last: undefined, ids: [] };
    const last = integer(stretch, "last");
    return { last, ids: this.#overdue.all(after, last, now.toISOString()).map((row) => text(row, "id")) };
  }

  all(): readonly LibraryRow[] {
    return this.#all.all().map(toLibraryRow);
  }

  /** Its id is free again. */
  markDeleted(key: number, seq: number): void {
    this.#markDeleted.run(seq, key);
  }

  /** The key of a deleted library whose rows still exist. */
  nextDeleted(): number | undefined {
    const row = this.#nextDeleted.get();
    return row === undefined ? undefined : integer(row, "key");
  }

  remove(key: number): void {
    this.#remove.run(key);
  }
}
