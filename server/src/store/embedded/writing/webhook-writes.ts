import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { WebhookDelivery } from "@arrwdb/protocol/events/webhooks";
import { v7 as uuidv7 } from "uuid";
import type { Page, PageRequest } from "../../page.ts";
import type {
  DeliveryReport,
  NewWebhook,
  SecretRotation,
  StoredWebhook,
  WebhookPatch,
  WebhookSecret,
} from "../../webhook-store.ts";
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

  create(libraryId: string, { fromSeq, ...settings }: NewWebhook): StoredWebhook {
    const { key, library } = this.#tables.libraries.find(libraryId);
    if (this.#tables.webhooks.ofLibrary(key).length >= limits.webhooksPerLibrary) {
      throw new ArrwError(
        "too_many_webhooks",
        `The library has reached its maximum of ${limits.webhooksPerLibrary} webhooks; delete one first`,
      );
    }
    if (this.#tables.webhooks.count() >= limits.webhooks) {
      throw new ArrwError(
        "too_many_webhooks",
        `The server has reached its maximum of ${limits.webhooks} webhooks; delete one first`,
      );
    }
    this.#checkPosition(libraryId, fromSeq);
    const now = new Date().toISOString();
    const webhook: StoredWebhook = {
      ...settings,
      id: uuidv7(),
      libraryId,
      status: "active",
      statusReason: null,
      seq: fromSeq ?? library.seq,
      course: 0,
      revision: 0,
      failure: null,
      lastSuccessAt: null,
      createdAt: now,
      updatedAt: now,
    };
    this.#tables.webhooks.insert(key, webhook);
    return webhook;
  }

  update(libraryId: string, webhookId: string, patch: WebhookPatch): StoredWebhook {
    const { key, webhook } = this.#find(libraryId, webhookId);
    this.#checkPosition(libraryId, patch.seq);
    const status = patch.disabled === undefined ? patch.status : "disabled";
    const begins = patch.url !== undefined || status !== undefined || patch.seq !== undefined;
    const updated: StoredWebhook = {
      ...webhook,
      url: patch.url ?? webhook.url,
      description: patch.description === undefined ? webhook.description : patch.description,
      events: patch.events === undefined ? webhook.events : patch.events,
      filter: patch.filter === undefined ? webhook.filter : patch.filter,
      secrets: patch.rotation === undefined ? webhook.secrets : rotated(webhook.secrets, patch.rotation),
      owner: patch.owner === undefined ? webhook.owner : patch.owner,
      status: status ?? webhook.status,
      statusReason: status === undefined ? webhook.statusReason : (patch.disabled ?? null),
      seq: patch.seq ?? webhook.seq,
      course: webhook.course + (patch.seq === undefined ? 0 : 1),
      revision: webhook.revision + 1,
      failure: begins ? null : webhook.failure,
      updatedAt: new Date().toISOString(),
    };
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
      this.#tables.webhooks.update(row.key, after(row.webhook, report));
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
    if (row === undefined) throw new ArrwError("webhook_not_found", `The library has no webhook ${webhookId}`);
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

/** The webhook after applying a report. */
function after(webhook: StoredWebhook, report: DeliveryReport): StoredWebhook {
  const moved: StoredWebhook = {
    ...webhook,
    seq: report.course === webhook.course ? report.seq : webhook.seq,
    lastSuccessAt: report.lastSuccessAt ?? webhook.lastSuccessAt,
  };
  if (report.revision !== webhook.revision) return moved;
  const { failure, disabled } = report;
  return disabled === undefined
    ? { ...moved, failure }
    : { ...moved, failure, status: "disabled", statusReason: disabled };
}

function rotated(secrets: readonly WebhookSecret[], { newest, othersExpireAt }: SecretRotation): WebhookSecret[] {
  const others = secrets
    .map((secret) => {
      const { expiresAt } = secret;
      return { ...secret, expiresAt: expiresAt !== null && expiresAt < othersExpireAt ? expiresAt : othersExpireAt };
    })
    .filter(({ expiresAt }) => expiresAt > newest.createdAt);
  return [newest, ...others].slice(0, limits.webhookSecrets);
}
