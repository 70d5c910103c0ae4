import type { DatabaseSync } from "node:sqlite";
import { webhookStatus } from "@arrwdb/protocol/events/webhooks";
import type { PageRequest } from "../../page.ts";
import type { StoredWebhook, WebhookFailure, WebhookSettings } from "../../webhook-store.ts";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import { integer, nullableText, type Row, text } from "../../engine/rows/row-values.ts";

/** A webhook with its row key, which its history refers to. */
export interface WebhookRow {
  readonly key: number;
  readonly webhook: StoredWebhook;
}

const settingsColumn = new JsonColumn<WebhookSettings>();
const failureColumn = new JsonColumn<WebhookFailure>();

function toRow(row: Row): WebhookRow {
  const failure = nullableText(row, "failure");
  return {
    key: integer(row, "key"),
    webhook: {
      ...settingsColumn.decode(text(row, "settings")),
      id: text(row, "id"),
      libraryId: text(row, "library_id"),
      status: webhookStatus.parse(text(row, "status")),
      statusReason: nullableText(row, "status_reason"),
      seq: integer(row, "seq"),
      course: integer(row, "course"),
      revision: integer(row, "revision"),
      // No other process takes one over.
      epoch: 0,
      failure: failure === null ? null : failureColumn.decode(failure),
      lastSuccessAt: nullableText(row, "last_success_at"),
      createdAt: text(row, "created_at"),
      updatedAt: text(row, "updated_at"),
    },
  };
}

/** In the order in which the statements below list them. */
function valuesOf(webhook: StoredWebhook) {
  const { url, description, events, filter, secrets, owner, failure } = webhook;
  const settings: WebhookSettings = { url, description, events, filter, secrets, owner };
  return [
    settingsColumn.encode(settings),
    webhook.status,
    webhook.statusReason,
    webhook.seq,
    webhook.course,
    webhook.revision,
    failure === null ? null : failureColumn.encode(failure),
    webhook.lastSuccessAt,
    webhook.updatedAt,
  ] as const;
}

const selected =
  "SELECT webhooks.*, libraries.id AS library_id FROM webhooks JOIN libraries ON libraries.key = library";

/** The webhooks of all libraries. Those of a deleted library are invisible until they are purged. */
export class WebhooksTable {
  readonly #insert;
  readonly #update;
  readonly #find;
  readonly #byId;
  readonly #ofLibrary;
  readonly #page;
  readonly #count;
  readonly #remove;
  readonly #some;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO webhooks (settings, status, status_reason, seq, course, revision, failure, last_success_at, updated_at, id, library, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = database.prepare(
      `UPDATE webhooks SET settings = ?, status = ?, status_reason = ?, seq = ?, course = ?, revision = ?, failure = ?, last_success_at = ?, updated_at = ?
       WHERE key = ?`,
    );
    this.#find = database.prepare(`${selected} WHERE webhooks.id = ? AND library = ?`);
    this.#byId = database.prepare(`${selected} WHERE webhooks.id = ? AND deleted = 0`);
    this.#ofLibrary = database.prepare(`${selected} WHERE library = ? ORDER BY webhooks.key`);
    this.#page = database.prepare(`${selected} WHERE webhooks.key > ? AND deleted = 0 ORDER BY webhooks.key LIMIT ?`);
    this.#count = database.prepare("SELECT count(*) AS count FROM webhooks");
    this.#remove = database.prepare("DELETE FROM webhooks WHERE key = ?");
    this.#some = database.prepare("SELECT key FROM webhooks WHERE library = ? LIMIT 1");
  }

  insert(library: number, webhook: StoredWebhook): void {
    this.#insert.run(...valuesOf(webhook), webhook.id, library, webhook.createdAt);
  }

  update(key: number, webhook: StoredWebhook): void {
    this.#update.run(...valuesOf(webhook), key);
  }

  find(library: number, id: string): WebhookRow | undefined {
    const row = this.#find.get(id, library);
    return row === undefined ? undefined : toRow(row);
  }

  /** A webhook of any library. */
  byId(id: string): WebhookRow | undefined {
    const row = this.#byId.get(id);
    return row === undefined ? undefined : toRow(row);
  }

  ofLibrary(library: number): readonly StoredWebhook[] {
    return this.#ofLibrary.all(library).map((row) => toRow(row).webhook);
  }

  /** Webhooks after a key. */
  page(after: number, limit: PageRequest["limit"]): readonly WebhookRow[] {
    return this.#page.all(after, limit).map(toRow);
  }

  /** Webhooks of all libraries. */
  count(): number {
    const row = this.#count.get();
    return row === undefined ? 0 : integer(row, "count");
  }

  remove(key: number): void {
    this.#remove.run(key);
  }

  /** The key of one of a library's webhooks, or undefined if it has none. */
  one(library: number): number | undefined {
    const row = this.#some.get(library);
    return row === undefined ? undefined : integer(row, "key");
  }
}
