import { ArrwError } from "@arrwdb/protocol/errors/errors";
import pLimit from "p-limit";
import { auditEntry, type AuditEntry } from "@arrwdb/protocol/keys/audit";
import { limits } from "@arrwdb/protocol/limits";
import type { AuditLog, AuditRange, NewAuditEntry } from "../audit-log.ts";
import { JsonColumn } from "../engine/rows/json-column.ts";
import { integer, nullableText, type Row, text } from "../engine/rows/row-values.ts";
import {
  checkAdminIsLeft,
  type KeyChange,
  type KeyChangeListener,
  type KeyStore,
  type KeyUse,
  type StoredKey,
} from "../key-store.ts";
import { only, type PostgresDatabase, type Session, together } from "./database/postgres-database.ts";

/** Milliseconds between looks for changes of keys that were not told. */
const lookEvery = 1_000;
/** Milliseconds without an answer of PostgreSQL after which keys are not trusted: one may have been revoked meanwhile. */
const trustedFor = 10_000;

type KeyRecord = Omit<StoredKey, "hash" | "lastUsedAt"> & { readonly hash: string };
const keyColumn = new JsonColumn<KeyRecord>();
const entryColumn = new JsonColumn<NewAuditEntry>();

/** Nodes change keys in turn. */
const lockKeys = {
  name: "lock-keys",
  text: "UPDATE arrwdb.cluster SET keys_version = keys_version + 1 RETURNING keys_version",
};
const readVersion = { name: "keys-version", text: "SELECT keys_version FROM arrwdb.cluster" };
const readKeys = { name: "keys", text: "SELECT key, last_used_at FROM arrwdb.api_keys ORDER BY number" };
const countKeys = { name: "count-keys", text: "SELECT count(*) AS keys FROM arrwdb.api_keys" };
const insertKey = {
  name: "insert-key",
  text: "INSERT INTO arrwdb.api_keys (id, key, last_used_at) VALUES ($1, $2, $3)",
};
const deleteKey = { name: "delete-key", text: "DELETE FROM arrwdb.api_keys WHERE id = $1" };
const useKeys = {
  name: "use-keys",
  text: `UPDATE arrwdb.api_keys SET last_used_at = greatest(last_used_at, new.at)
    FROM unnest($1::text[], $2::text[]) AS new (id, at) WHERE api_keys.id = new.id`,
};
const insertAudit = { name: "insert-audit", text: "INSERT INTO arrwdb.audit (entry) VALUES ($1) RETURNING id" };
const trimAudit = { name: "trim-audit", text: "DELETE FROM arrwdb.audit WHERE id <= $1" };
const readAudit = {
  name: "read-audit",
  text: "SELECT id, entry FROM arrwdb.audit WHERE id < $1 ORDER BY id DESC LIMIT $2",
};

export interface PostgresKeyStoreOptions {
  readonly database: PostgresDatabase;
  /** Tells other nodes of a change. */
  readonly tell: () => void;
  readonly onError: (error: unknown) => void;
}

/** Keys and the audit log of all nodes. A node hears of changes as it hears of commits, and looks for them now and then. */
export class PostgresKeyStore implements KeyStore, AuditLog {
  readonly isShared = true;
  readonly #options: PostgresKeyStoreOptions;
  readonly #listeners = new Set<KeyChangeListener>();
  /** Own changes and looks, one after the other, so that own changes are no news. */
  readonly #turns = pLimit(1);
  readonly #auditTurns = pLimit(1);
  #version: number | undefined;
  #heardAt = -Infinity;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PostgresKeyStoreOptions) {
    this.#options = options;
  }

  get distrust(): ArrwError | undefined {
    if (performance.now() - this.#heardAt <= trustedFor) return undefined;
    const message =
      "This server has not reached PostgreSQL for 10 seconds, so keys may have been revoked meanwhile; retry, or use another server";
    return new ArrwError("storage_failed", message, { retryAfter: 1 });
  }

  async begin(): Promise<void> {
    await this.#look();
    this.#lookLater();
  }

  async createKey(key: StoredKey): Promise<void> {
    await this.#change(async (session) => {
      if (integer(only(await session.run(countKeys)), "keys") >= limits.keys) {
        const message = `The server has reached its maximum of ${limits.keys} keys; revoke unused keys`;
        throw new ArrwError("too_many_keys", message);
      }
      const { hash, lastUsedAt, ...record } = key;
      const json = keyColumn.encode({ ...record, hash: Buffer.from(hash).toString("base64") });
      await session.run(insertKey, [key.id, json, lastUsedAt]);
    });
    this.#notify({ created: key });
  }

  async listKeys(): Promise<readonly StoredKey[]> {
    return (await this.#options.database.run(readKeys)).map(toKey);
  }

  async revokeKey(id: string, keepsAdmin: boolean): Promise<void> {
    await this.#change(async (session) => {
      const all = (await session.run(readKeys)).map(toKey);
      const key = all.find((each) => each.id === id);
      if (key === undefined) throw new ArrwError("key_not_found", `There is no key ${id}`);
      if (keepsAdmin) checkAdminIsLeft(key, all);
      await session.run(deleteKey, [id]);
    });
    this.#notify({ revoked: id });
  }

  async recordKeyUse(uses: readonly KeyUse[]): Promise<void> {
    if (uses.length === 0) return;
    await this.#options.database.run(useKeys, [uses.map(({ id }) => id), uses.map(({ at }) => at)]);
  }

  onKeyChange(listener: KeyChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  appendAudit(entry: NewAuditEntry): Promise<void> {
    const { database } = this.#options;
    return this.#auditTurns(async () => {
      const last = integer(only(await database.run(insertAudit, [entryColumn.encode(entry)])), "id");
      await database.run(trimAudit, [last - limits.auditEntries]);
    });
  }

  async readAudit({ before, limit }: AuditRange): Promise<readonly AuditEntry[]> {
    const rows = await this.#options.database.run(readAudit, [before ?? Number.MAX_SAFE_INTEGER, limit]);
    return rows.map((row) => auditEntry.parse({ ...entryColumn.decode(text(row, "entry")), id: integer(row, "id") }));
  }

  /** Looks for changes now. */
  look(): Promise<void> {
    this.#looking ??= this.#turns(() => this.#look())
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#options.onError(error);
      })
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    this.#listeners.clear();
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.look().finally(() => this.#lookLater()), lookEvery).unref();
  }

  async #look(): Promise<void> {
    // As of the question, not the answer: a process that was stopped in between has heard nothing since.
    const asked = performance.now();
    const version = integer(only(await this.#options.database.run(readVersion)), "keys_version");
    if (version !== this.#version) {
      const isNews = this.#version !== undefined;
      const all = await this.listKeys();
      this.#version = version;
      if (isNews) this.#notify({ reset: all });
    }
    this.#heardAt = asked;
  }

  async #change(run: (session: Session) => Promise<void>): Promise<void> {
    await this.#turns(() => this.#changeNow(run));
    this.#options.tell();
  }

  async #changeNow(run: (session: Session) => Promise<void>): Promise<void> {
    const version = await this.#options.database.session(async (session) => {
      const [, locked] = await together([session.run({ text: "BEGIN" }), session.run(lockKeys)]);
      await run(session);
      await session.run({ text: "COMMIT" });
      return integer(only(locked), "keys_version");
    });
    // Otherwise there was another node's change before, which is still to be read.
    if (this.#version === version - 1) this.#version = version;
  }

  #notify(change: KeyChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function toKey(row: Row): StoredKey {
  const { hash, ...key } = keyColumn.decode(text(row, "key"));
  return { ...key, hash: new Uint8Array(Buffer.from(hash, "base64")), lastUsedAt: nullableText(row, "last_used_at") };
}
