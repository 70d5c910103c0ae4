import type { DatabaseSync } from "node:sqlite";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { type KeyLimits, keyScope } from "@arrwdb/protocol/keys/keys";
import { limits } from "@arrwdb/protocol/limits";
import { checkAdminIsLeft, type KeyUse, type StoredKey } from "../../key-store.ts";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import { bytes, integer, nullableText, type Row, text } from "../../engine/rows/row-values.ts";

const librariesColumn = new JsonColumn<readonly string[]>();
const limitsColumn = new JsonColumn<KeyLimits>();

/** API keys, by the hash of their secret. */
export class KeysTable {
  readonly #insert;
  readonly #count;
  readonly #all;
  readonly #remove;
  readonly #use;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO api_keys (id, name, scope, libraries, limits, hash, created_at, expires_at, last_used_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#count = database.prepare("SELECT count(*) AS keys FROM api_keys");
    this.#all = database.prepare("SELECT * FROM api_keys ORDER BY key");
    this.#remove = database.prepare("DELETE FROM api_keys WHERE id = ?");
    this.#use = database.prepare("UPDATE api_keys SET last_used_at = ? WHERE id = ?");
  }

  insert(key: StoredKey): void {
    if (integer(this.#count.get() ?? {}, "keys") >= limits.keys) {
      throw new ArrwError(
        "too_many_keys",
        `The server has reached its maximum of ${limits.keys} keys; revoke unused keys`,
      );
    }
    const libraries = key.libraries === null ? null : librariesColumn.encode(key.libraries);
    const { id, name, scope, hash, createdAt, expiresAt, lastUsedAt } = key;
    this.#insert.run(
      id,
      name,
      scope,
      libraries,
      limitsColumn.encode(key.limits),
      hash,
      createdAt,
      expiresAt,
      lastUsedAt,
    );
  }

  all(): readonly StoredKey[] {
    return this.#all.all().map(toKey);
  }

  /** @throws ArrwError `key_not_found`, `validation_failed` */
  remove(id: string, keepsAdmin: boolean): void {
    const all = this.all();
    const key = all.find((each) => each.id === id);
    if (key === undefined) throw new ArrwError("key_not_found", `There is no key ${id}`);
    if (keepsAdmin) checkAdminIsLeft(key, all);
    this.#remove.run(id);
  }

  use(uses: readonly KeyUse[]): void {
    for (const { id, at } of uses) this.#use.run(at, id);
  }
}

function toKey(row: Row): StoredKey {
  const libraries = nullableText(row, "libraries");
  return {
    id: text(row, "id"),
    name: text(row, "name"),
    scope: keyScope.parse(text(row, "scope")),
    libraries: libraries === null ? null : librariesColumn.decode(libraries),
    limits: limitsColumn.decode(text(row, "limits")),
    hash: bytes(row, "hash"),
    createdAt: text(row, "created_at"),
    expiresAt: nullableText(row, "expires_at"),
    lastUsedAt: nullableText(row, "last_used_at"),
  };
}
