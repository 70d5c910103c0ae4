import { integer, nullableText, text } from "../../engine/rows/row-values.ts";
import type { StoredWebhook } from "../../webhook-store.ts";
import { only, type PostgresDatabase, together } from "../database/postgres-database.ts";
import { toLoggedWebhook, webhookColumns } from "./webhook-rows.ts";

/** Webhooks that are claimed in one round trip. */
const claimsAtOnce = 200;

/** Those of a deleted library are nobody's, but stay with their holder until it has told its end. */
const live = `FROM arrwdb.webhooks w JOIN arrwdb.libraries l ON l.library = w.library
    LEFT JOIN arrwdb.webhook_holders h ON h.holder = w.holder WHERE l.deleted_at IS NULL`;
const overview = {
  name: "webhook-overview",
  text: `SELECT count(*) AS webhooks, count(*) FILTER (WHERE w.holder = $1) AS own, count(*) FILTER (WHERE h.holder IS NULL) AS free,
      (SELECT count(*) FROM arrwdb.webhook_holders) AS holders ${live}`,
};
const totals = {
  name: "webhook-totals",
  text: `SELECT count(*) AS webhooks, coalesce(sum(revision), 0)::bigint AS revisions, coalesce(sum(epoch), 0)::bigint AS epochs
    FROM arrwdb.webhooks WHERE holder = $1`,
};
const readHeld = {
  name: "held-webhooks",
  text: `SELECT ${webhookColumns} FROM arrwdb.webhooks w WHERE holder = $1 ORDER BY number`,
};
/** In any order, so that nodes seldom want the same. */
const readFree = {
  name: "free-webhooks",
  text: `SELECT w.library, w.id, w.holder ${live} AND h.holder IS NULL ORDER BY random() LIMIT $1`,
};
/**
 * Takes webhooks that are still nobody's, or of a holder that was expelled. Those that a transaction has locked are left for
 * the next time: its node may have stopped.
 */
const claim = {
  name: "claim-webhooks",
  text: `UPDATE arrwdb.webhooks w SET holder = $1, epoch = epoch + 1
    WHERE library = $2 AND id IN (
      SELECT id FROM arrwdb.webhooks
      WHERE library = $2 AND id = ANY($3) AND (holder IS NULL OR holder = ANY($4)) FOR UPDATE SKIP LOCKED)
    RETURNING ${webhookColumns}`,
};
const release = {
  name: "release-webhook",
  text: "UPDATE arrwdb.webhooks SET holder = NULL WHERE library = $2 AND id = $3 AND holder = $1",
};

/** How the webhooks of all libraries are shared among the nodes. */
export interface Shares {
  /** Those of nobody. */
  readonly free: number;
  readonly own: number;
  /** As many as each node should have, at most. */
  readonly fair: number;
}

/** @throws ArrwError */
export async function readShares(database: PostgresDatabase, holder: string): Promise<Shares> {
  const row = only(await database.run(overview, [holder]));
  const fair = Math.ceil(integer(row, "webhooks") / Math.max(1, integer(row, "holders")));
  return { free: integer(row, "free"), own: integer(row, "own"), fair };
}

/** All that the holder has; undefined if it is what is known. @throws ArrwError */
export async function readChanged(
  database: PostgresDatabase,
  holder: string,
  known: Iterable<StoredWebhook>,
): Promise<readonly StoredWebhook[] | undefined> {
  const all = [...known];
  const row = only(await database.run(totals, [holder]));
  const isSame =
    integer(row, "webhooks") === all.length &&
    integer(row, "revisions") === all.reduce((sum, { revision }) => sum + revision, 0) &&
    integer(row, "epochs") === all.reduce((sum, { epoch }) => sum + epoch, 0);
  if (isSame) return undefined;
  return (await database.run(readHeld, [holder])).map((each) => toLoggedWebhook(each).webhook);
}

/** Claims webhooks that nobody delivers. @throws ArrwError */
export async function claimWebhooks(
  database: PostgresDatabase,
  holder: string,
  count: number,
): Promise<readonly StoredWebhook[]> {
  const free = await database.run(readFree, [Math.min(count, claimsAtOnce)]);
  const expelled = [...new Set(free.map((row) => nullableText(row, "holder")))];
  const byLibrary = Map.groupBy(free, (row) => text(row, "library"));
  const claimed = await database.session((session) =>
    together(
      [...byLibrary].map(([library, rows]) =>
        session.run(claim, [holder, library, rows.map((row) => text(row, "id")), expelled]),
      ),
    ),
  );
  return claimed.flat().map((row) => toLoggedWebhook(row).webhook);
}

/** Leaves a webhook to others. @throws ArrwError */
export async function releaseWebhook(
  database: PostgresDatabase,
  holder: string,
  { libraryId, id }: StoredWebhook,
): Promise<void> {
  await database.run(release, [holder, libraryId, id]);
}
