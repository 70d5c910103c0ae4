import type { WebhookDelivery } from "@arrwdb/protocol/events/webhooks";
import { v7 as uuidv7 } from "uuid";
import type { Page, PageRequest } from "../../page.ts";
import {
  changedWebhook,
  checkWebhookCounts,
  createdWebhook,
  reportedWebhook,
  webhookNotFound,
} from "../../webhook-changes.ts";
import type { DeliveryReport, NewWebhook, StoredWebhook, WebhookPatch } from "../../webhook-store.ts";
import { decodeCursor, encodeCursor } from "../../engine/rows/cursor.ts";
import { readEvents } from "./event-reader.ts";
import type { Tables } from "../tables/tables.ts";
import type { WebhookRow } from "../tables/webhooks-table.ts";

/** Name of the list in its cursors. */
const listName = "webhooks";

/** Webhooks in the writing thread; changes run within the caller's transaction. */
export class WebhookWrites {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  create(libraryId: string, wanted: NewWebhook): StoredWebhook {
    const { key, library } = this.#tables.libraries.find(libraryId);
    const { webhooks } = this.#tables;
    checkWebhookCounts({ ofLibrary: webhooks.ofLibrary(key).length, all: webhooks.count() });
    this.#checkPosition(libraryId, wanted.fromSeq);
    const webhook = createdWebhook(wanted, { id: uuidv7(), libraryId, seq: library.seq }, new Date());
    webhooks.insert(key, webhook);
    return webhook;
  }

  update(libraryId: string, webhookId: string, patch: WebhookPatch): StoredWebhook {
    const { key, webhook } = this.#find(libraryId, webhookId);
    this.#checkPosition(libraryId, patch.seq);
    const updated = changedWebhook(webhook, patch, new Date());
    this.#tables.webhooks.update(key, updated);
    return updated;
  }

  delete(libraryId: string, webhookId: string): void {
    this.#remove(this.#find(libraryId, webhookId).key);
  }

  report(reports: readonly DeliveryReport[]): void {
    for (const report of reports) {
      const row = this.#tables.webhooks.byId(report.webhookId);
      if (row === undefined) continue;
      this.#tables.webhooks.update(row.key, reportedWebhook(row.webhook, report));
      if (report.attempts.length > 0) this.#tables.deliveries.add(row.key, report.attempts);
    }
  }

  get(libraryId: string, webhookId: string): StoredWebhook {
    return this.#find(libraryId, webhookId).webhook;
  }

  list(libraryId: string): readonly StoredWebhook[] {
    return this.#tables.webhooks.ofLibrary(this.#tables.libraries.find(libraryId).key);
  }

  all({ limit, cursor }: PageRequest): Page<StoredWebhook> {
    const rows = this.#tables.webhooks.page(decodeCursor(listName, cursor), limit + 1);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(({ webhook }) => webhook),
      nextCursor: last === undefined ? null : encodeCursor(listName, last.key),
      seq: 0,
    };
  }

  deliveries(libraryId: string, webhookId: string, page: PageRequest): Page<WebhookDelivery> {
    return this.#tables.deliveries.page(this.#find(libraryId, webhookId).key, page);
  }

  /** Deletes one webhook of a deleted library with its history; returns the number of webhooks deleted, 0 or 1. */
  purge(library: number): number {
    const key = this.#tables.webhooks.one(library);
    if (key === undefined) return 0;
    this.#remove(key);
    return 1;
  }

  #find(libraryId: string, webhookId: string): WebhookRow {
    const { key } = this.#tables.libraries.find(libraryId);
    const row = this.#tables.webhooks.find(key, webhookId);
    if (row === undefined) throw webhookNotFound(webhookId);
    return row;
  }

  #remove(key: number): void {
    this.#tables.deliveries.remove(key);
    this.#tables.webhooks.remove(key);
  }

  #checkPosition(libraryId: string, seq: number | undefined): void {
    if (seq !== undefined) readEvents(this.#tables, libraryId, { afterSeq: seq, limit: 1 });
  }
}
