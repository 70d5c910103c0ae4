import { limits } from "@arrwdb/protocol/limits";
import type { WebhookDelivery } from "@arrwdb/protocol/events/webhooks";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import { reportedWebhook } from "../../webhook-changes.ts";
import type { DeliveryReport } from "../../webhook-store.ts";
import { type PostgresDatabase, together } from "../database/postgres-database.ts";
import { type LoggedWebhook, recordOf, toLoggedWebhook, webhookColumns } from "./webhook-rows.ts";

export const deliveryColumn = new JsonColumn<WebhookDelivery>();

/** In order, so that two nodes do not wait for each other. */
const lockWebhooks = {
  name: "lock-webhooks",
  text: `SELECT ${webhookColumns} FROM arrwdb.webhooks w WHERE library = $1 AND id = ANY($2) ORDER BY id FOR UPDATE`,
};
const moveWebhooks = {
  name: "move-webhooks",
  text: `UPDATE arrwdb.webhooks w SET webhook = new.webhook, deliveries = new.deliveries
    FROM unnest($2::uuid[], $3::text[], $4::bigint[]) AS new (id, webhook, deliveries)
    WHERE w.library = $1 AND w.id = new.id`,
};
const insertDeliveries = {
  name: "insert-deliveries",
  text: `INSERT INTO arrwdb.webhook_deliveries (library, webhook, number, delivery)
    SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::text[])`,
};
const trimDeliveries = {
  name: "trim-deliveries",
  text: `DELETE FROM arrwdb.webhook_deliveries d USING unnest($2::uuid[], $3::bigint[]) AS last (webhook, number)
    WHERE d.library = $1 AND d.webhook = last.webhook AND d.number <= last.number`,
};

/** Writes reports about webhooks of one library. Those about deleted webhooks are skipped. @throws ArrwError */
export async function writeReports(
  database: PostgresDatabase,
  libraryId: string,
  reports: readonly DeliveryReport[],
): Promise<void> {
  await database.session(async (session) => {
    const ids = [...new Set(reports.map(({ webhookId }) => webhookId))];
    const [, rows] = await together([session.run({ text: "BEGIN" }), session.run(lockWebhooks, [libraryId, ids])]);
    const moved = new Map<string, LoggedWebhook>();
    const added: { readonly id: string; readonly number: number; readonly delivery: WebhookDelivery }[] = [];
    for (const row of rows) {
      const found = toLoggedWebhook(row);
      moved.set(found.webhook.id, found);
    }
    for (const report of reports) {
      const id = report.webhookId;
      const known = moved.get(id);
      if (known === undefined) continue;
      let { deliveries } = known;
      for (const delivery of report.attempts) added.push({ id, number: ++deliveries, delivery });
      moved.set(id, { ...known, webhook: reportedWebhook(known.webhook, report), deliveries });
    }
    const all = [...moved.values()];
    const webhooks = all.map(({ webhook }) => webhook.id);
    const addedTo = [...new Set(added.map(({ id }) => id))];
    await together([
      session.run(moveWebhooks, [
        libraryId,
        webhooks,
        all.map(({ webhook }) => recordOf(webhook)),
        all.map(({ deliveries }) => deliveries),
      ]),
      session.run(insertDeliveries, [
        libraryId,
        added.map(({ id }) => id),
        added.map(({ number }) => number),
        added.map(({ delivery }) => deliveryColumn.encode(delivery)),
      ]),
      session.run(trimDeliveries, [
        libraryId,
        addedTo,
        addedTo.map((id) => (moved.get(id)?.deliveries ?? 0) - limits.webhookDeliveries),
      ]),
      session.run({ text: "COMMIT" }),
    ]);
  });
}
