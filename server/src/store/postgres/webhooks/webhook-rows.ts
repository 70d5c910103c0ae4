import type { StoredWebhook } from "../../webhook-store.ts";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import { integer, type Row, text } from "../../engine/rows/row-values.ts";

type WebhookRecord = Omit<StoredWebhook, "id" | "libraryId" | "revision" | "epoch">;

const webhookColumn = new JsonColumn<WebhookRecord>();

/** Of the table under the name `w`. */
export const webhookColumns = "w.library, w.id, w.number, w.revision, w.epoch, w.webhook, w.deliveries";

/** A webhook as stored. */
export interface LoggedWebhook {
  readonly webhook: StoredWebhook;
  /** In the order of creation. */
  readonly number: number;
  /** Number of the last delivery. */
  readonly deliveries: number;
}

export function toLoggedWebhook(row: Row): LoggedWebhook {
  return {
    webhook: {
      ...webhookColumn.decode(text(row, "webhook")),
      id: text(row, "id"),
      libraryId: text(row, "library"),
      revision: integer(row, "revision"),
      epoch: integer(row, "epoch"),
    },
    number: integer(row, "number"),
    deliveries: integer(row, "deliveries"),
  };
}

/** The value of the column `webhook`; the rest has columns of its own. */
export function recordOf(webhook: StoredWebhook): string {
  const { id: _id, libraryId: _library, revision: _revision, epoch: _epoch, ...record } = webhook;
  return webhookColumn.encode(record);
}
