import type { DatabaseSync } from "node:sqlite";
import { integer } from "../../engine/rows/row-values.ts";

/** An upload that can be sent again. */
export interface UploadRow {
  readonly key: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** The uploads that were sent with a key of their client's. One that has expired loses its name before it is removed. */
export class UploadsTable {
  readonly #insert;
  readonly #named;
  readonly #find;
  readonly #use;
  readonly #unname;
  readonly #expired;
  readonly #settle;
  readonly #ofLibrary;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO uploads (library, idempotency_key, used_at) VALUES (?, ?, ?)");
    this.#named = database.prepare("SELECT key, used_at FROM uploads WHERE library = ? AND idempotency_key = ?");
    this.#find = database.prepare(
      "SELECT key, used_at FROM uploads WHERE key = ? AND library = ? AND idempotency_key IS NOT NULL",
    );
    this.#use = database.prepare("UPDATE uploads SET used_at = ? WHERE key = ?");
    this.#unname = database.prepare("UPDATE uploads SET idempotency_key = NULL WHERE key = ?");
    this.#expired = database.prepare("SELECT key FROM uploads WHERE used_at <= ? ORDER BY used_at LIMIT ?");
    this.#settle = database.prepare(
      "UPDATE uploads SET used_at = ?1 WHERE key IN (SELECT key FROM uploads WHERE used_at > ?1 LIMIT ?2)",
    );
    this.#ofLibrary = database.prepare("SELECT key FROM uploads WHERE library = ? LIMIT ?");
    this.#remove = database.prepare("DELETE FROM uploads WHERE key = ?");
  }

  insert(library: number, idempotencyKey: string, usedAt: number): number {
    return Number(this.#insert.run(library, idempotencyKey, usedAt).lastInsertRowid);
  }

  named(library: number, idempotencyKey: string): UploadRow | undefined {
    const row = this.#named.get(library, idempotencyKey);
    return row === undefined ? undefined : { key: integer(row, "key"), usedAt: integer(row, "used_at") };
  }

  /** An upload of this library that still has its name. */
  find(library: number, key: number): UploadRow | undefined {
    const row = this.#find.get(key, library);
    return row === undefined ? undefined : { key: integer(row, "key"), usedAt: integer(row, "used_at") };
  }

  use(key: number, usedAt: number): void {
    this.#use.run(usedAt, key);
  }

  unname(key: number): void {
    this.#unname.run(key);
  }

  /** The keys of some that were last used then or earlier, the oldest first. */
  expired(usedAt: number, limit: number): readonly number[] {
    return this.#expired.all(usedAt, limit).map((row) => integer(row, "key"));
  }

  /** Some that were last used later than now, by a clock that has been set back since, were last used now. */
  settle(now: number, limit: number): number {
    return Number(this.#settle.run(now, limit).changes);
  }

  /** The keys of some of a library's uploads. */
  ofLibrary(library: number, limit: number): readonly number[] {
    return this.#ofLibrary.all(library, limit).map((row) => integer(row, "key"));
  }

  remove(key: number): void {
    this.#remove.run(key);
  }
}
