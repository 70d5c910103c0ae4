import { Client } from "pg";
import { nullableInteger, text } from "../../engine/rows/row-values.ts";
import { connectionSettings } from "../database/connection-settings.ts";
import { only, type PostgresDatabase } from "../database/postgres-database.ts";
import type { LogWriter } from "../log/log-writer.ts";
import { databaseNow } from "../log/read-needs.ts";
import { deleteExpired } from "./delete-expired.ts";
import { forgetOldData, forgetOldEvents } from "./forget-old-data.ts";

/** Any number that no other program is likely to lock. */
const upkeepLock = 4_120_551_991;
/** Milliseconds between looks for documents that expire before the next one. */
const expiryInterval = 1_000;

const tryLock = `SELECT pg_try_advisory_lock(${upkeepLock}) AS held`;
const nextExpiry = {
  name: "next-expiry",
  text: `SELECT min(expires_at) - ${databaseNow} AS wait FROM arrwdb.libraries WHERE expires_at IS NOT NULL`,
};
const expired = {
  name: "libraries-expired",
  text: `SELECT library FROM arrwdb.libraries WHERE expires_at <= ${databaseNow} LIMIT 1000`,
};

export interface UpkeepOptions {
  readonly url: string;
  readonly database: PostgresDatabase;
  readonly writer: LogWriter;
  /** Milliseconds between looks for old events and uploads. */
  readonly interval: number;
  /** Milliseconds without use after which an upload expires. */
  readonly uploadLifetime: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Work that one node does for all: deletes documents at their instant, old events, expired uploads and rows of deleted
 * libraries. It is the node that holds a lock of PostgreSQL, which ends with its connection. All of it can be repeated, so
 * it does no harm if a node does not know yet that it has lost the lock.
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #isHolder = false;
  readonly #overflowing = new Map<string, Promise<void>>();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastForgotten = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#after(0);
  }

  /** A library has more events than it keeps, as this node has written some. */
  overflowed(libraryId: string): void {
    if (this.#closing.signal.aborted || this.#overflowing.has(libraryId)) return;
    const forgotten = forgetOldEvents(this.#options.database, libraryId, this.#closing.signal)
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#options.onError(error);
      })
      .finally(() => this.#overflowing.delete(libraryId));
    this.#overflowing.set(libraryId, forgotten);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#running;
    await Promise.all(this.#overflowing.values());
    await this.#leave();
  }

  #after(milliseconds: number): void {
    if (this.#closing.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#turn().then((wait) => this.#after(wait));
    }, milliseconds).unref();
  }

  /** Returns the milliseconds until the next turn. */
  async #turn(): Promise<number> {
    const pause = Math.min(expiryInterval, this.#options.interval);
    try {
      if (!(await this.#holds())) return pause;
      await this.#expire();
      if (performance.now() - this.#lastForgotten >= this.#options.interval) {
        await forgetOldData(this.#options.database, this.#options.uploadLifetime, this.#closing.signal);
        this.#lastForgotten = performance.now();
      }
      const wait = nullableInteger(only(await this.#options.database.run(nextExpiry)), "wait");
      return Math.max(0, Math.min(wait ?? pause, pause));
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onError(error);
      return pause;
    }
  }

  async #expire(): Promise<void> {
    for (const row of await this.#options.database.run(expired)) {
      if (this.#closing.signal.aborted) return;
      await deleteExpired(this.#options.writer, text(row, "library"));
    }
  }

  async #holds(): Promise<boolean> {
    if (this.#isHolder) return true;
    if (this.#client === undefined) {
      const client = new Client(connectionSettings(this.#options.url));
      client.on("error", () => void this.#leave());
      client.on("end", () => void this.#leave());
      await client.connect();
      this.#client = client;
    }
    const { rows }: { rows: { held: boolean }[] } = await this.#client.query(tryLock);
    this.#isHolder = rows[0]?.held === true;
    return this.#isHolder;
  }

  async #leave(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#isHolder = false;
    await client?.end().catch(() => undefined);
  }
}
