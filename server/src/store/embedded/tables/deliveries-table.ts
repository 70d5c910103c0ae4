import type { DatabaseSync } from "node:sqlite";
import { limits } from "@arrwdb/protocol/limits";
import type { WebhookDelivery } from "@arrwdb/protocol/events/webhooks";
import type { Page, PageRequest } from "../../page.ts";
import { decodeCursor, encodeCursor } from "../../engine/rows/cursor.ts";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import { integer, type Row, text } from "../../engine/rows/row-values.ts";

/** Name of the list in its cursors. */
const listName = "deliveries";

const deliveryColumn = new JsonColumn<WebhookDelivery>();
const deliveryOf = (row: Row) => deliveryColumn.decode(text(row, "data"));

/** The last deliveries of each webhook. */
export class DeliveriesTable {
  readonly #last;
  readonly #insert;
  readonly #trim;
  readonly #page;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#last = database.prepare("SELECT max(number) AS last FROM webhook_deliveries WHERE webhook = ?");
    this.#insert = database.prepare("INSERT INTO webhook_deliveries (webhook, number, data) VALUES (?, ?, ?)");
    this.#trim = database.prepare("DELETE FROM webhook_deliveries WHERE webhook = ? AND number <= ?");
    this.#page = database.prepare(
      "SELECT number, data FROM webhook_deliveries WHERE webhook = ? AND number < ? ORDER BY number DESC LIMIT ?",
    );
    this.#remove = database.prepare("DELETE FROM webhook_deliveries WHERE webhook = ?");
  }

  /** Adds the newest, and deletes the oldest beyond the limit. */
  add(webhook: number, deliveries: readonly WebhookDelivery[]): void {
    const row = this.#last.get(webhook);
    let number = row === undefined || row["last"] === null ? 0 : integer(row, "last");
    for (const delivery of deliveries) this.#insert.run(webhook, ++number, deliveryColumn.encode(delivery));
    this.#trim.run(webhook, number - limits.webhookDeliveries);
  }

  /** Newest first. */
  page(webhook: number, { limit, cursor }: PageRequest): Page<WebhookDelivery> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(listName, cursor);
    const rows = this.#page.all(webhook, before, limit + 1);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(deliveryOf),
      nextCursor: last === undefined ? null : encodeCursor(listName, integer(last, "number")),
      seq: 0,
    };
  }

  remove(webhook: number): void {
    this.#remove.run(webhook);
  }
}
