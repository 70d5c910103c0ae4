import type { DatabaseSync } from "node:sqlite";
import { integer } from "../../engine/rows/row-values.ts";

/** A resumable upload. */
export interface UploadRow {
  readonly key: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** Resumable uploads, by the client's idempotency key. An expired one loses its name before it is deleted. */
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
      "UPDATE uploads SET used_at = ? WHERE key IN (SELECT key FROM uploads WHERE used_at > ? LIMIT ?)",
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

  /** Keys of some uploads last used then or earlier, oldest first. */
  expired(usedAt: number, limit: number): readonly number[] {
    return this.#expired.all(usedAt, limit).map((row) => integer(row, "key"));
  }

  /** Sets some times of last use that are in the future, as the clock was set back, to now. */
  settle(now: number, limit: number): number {
    return Number(this.#settle.run(now, now, limit).changes);
  }

  /** Keys of some of a library's uploads. */
  ofLibrary(library: number, limit: number): readonly number[] {
    return this.#ofLibrary.all(library, limit).map((row) => integer(row, "key"));
  }

  remove(key: number): void {
    this.#remove.run(key);
  }
}
