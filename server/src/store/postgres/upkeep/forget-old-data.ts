import { integer, text } from "../../engine/rows/row-values.ts";
import { only, type PostgresDatabase, type Statement, together } from "../database/postgres-database.ts";
import { databaseNow } from "../log/read-needs.ts";

/** Rows of one transaction. */
const rowsAtOnce = 1_000;
/** Milliseconds for which a deleted library stays, so that all nodes hear of it. */
const tombstoneTime = 3_600_000;

/** The time so many seconds ago, as events tell times. */
const secondsAgo = (seconds: string) =>
  `to_char((clock_timestamp() - make_interval(secs => ${seconds})) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const setting = (name: string) => `(l.settings::json -> 'events' ->> '${name}')::bigint`;

const overdue = {
  name: "libraries-overdue",
  text: `SELECT library FROM arrwdb.libraries l WHERE deleted_at IS NULL AND (
    seq - earliest_seq > ${setting("max_count")}
    OR (SELECT timestamp FROM arrwdb.events e WHERE e.library = l.library ORDER BY seq LIMIT 1) < ${secondsAgo(setting("max_age_seconds"))})`,
};
/**
 * Events end at the greater of two positions: as many from the end as the library keeps; and before the first that is recent
 * enough, as later ones may have earlier times if a clock was set back.
 */
const forgetEvents = {
  name: "forget-events",
  text: `WITH last AS (
      SELECT least(greatest(
        l.seq - ${setting("max_count")},
        CASE WHEN ${setting("max_age_seconds")} IS NULL THEN NULL ELSE coalesce((
          SELECT seq - 1 FROM arrwdb.events e WHERE e.library = $1 AND timestamp >= ${secondsAgo(setting("max_age_seconds"))}
          ORDER BY seq LIMIT 1), l.seq) END
      ), l.earliest_seq + $2) AS seq
      FROM arrwdb.libraries l WHERE l.library = $1 FOR UPDATE
    ), gone AS (
      DELETE FROM arrwdb.events WHERE library = $1 AND seq <= (SELECT seq FROM last) RETURNING 1
    ), kept AS (
      UPDATE arrwdb.libraries SET earliest_seq = greatest(earliest_seq, (SELECT seq FROM last)) WHERE library = $1
    )
    SELECT count(*) AS rows FROM gone`,
};
const unnameUploads = {
  name: "unname-uploads",
  text: `UPDATE arrwdb.uploads SET idempotency_key = NULL WHERE used_at <= ${databaseNow} - $1 AND idempotency_key IS NOT NULL`,
};
/** The clock was set back. */
const settleUploads = {
  name: "settle-uploads",
  text: `UPDATE arrwdb.uploads SET used_at = ${databaseNow} WHERE used_at > ${databaseNow}`,
};
const unnamed = {
  name: "uploads-unnamed",
  text: `SELECT library, upload FROM arrwdb.uploads WHERE idempotency_key IS NULL AND used_at <= ${databaseNow} - $1 LIMIT ${rowsAtOnce}`,
};
const forgetReceipts = {
  name: "forget-receipts",
  text: `WITH gone AS (
      DELETE FROM arrwdb.receipts WHERE (library, upload, line) IN (
        SELECT library, upload, line FROM arrwdb.receipts WHERE library = $1 AND upload = $2 LIMIT ${rowsAtOnce}) RETURNING 1)
    SELECT count(*) AS rows FROM gone`,
};
const forgetUpload = { name: "forget-upload", text: "DELETE FROM arrwdb.uploads WHERE library = $1 AND upload = $2" };
const buried = {
  name: "libraries-buried",
  text: `SELECT library FROM arrwdb.libraries WHERE deleted_at <= ${databaseNow} - ${tombstoneTime} LIMIT 100`,
};
const purge = (table: string) => ({
  name: `purge-${table}`,
  text: `WITH gone AS (
      DELETE FROM arrwdb.${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM arrwdb.${table} WHERE library = $1 LIMIT ${rowsAtOnce})) AND library = $1 RETURNING 1)
    SELECT count(*) AS rows FROM gone`,
});
const purges = [
  "chunks",
  "documents",
  "receipts",
  "uploads",
  "webhook_deliveries",
  "webhooks",
  "events",
  "libraries",
].map(purge);

/** Deletes events, uploads and rows of deleted libraries that nobody may read any more, in slices. @throws ArrwError */
export async function forgetOldData(
  database: PostgresDatabase,
  uploadLifetime: number,
  signal: AbortSignal,
): Promise<void> {
  const repeat = (statement: Statement, values: readonly (string | number)[]) =>
    repeatUntilDone(database, signal, statement, values);
  for (const row of await database.run(overdue)) await forgetOldEvents(database, text(row, "library"), signal);
  await together([database.run(settleUploads), database.run(unnameUploads, [uploadLifetime])]);
  for (const row of await database.run(unnamed, [uploadLifetime])) {
    const upload = [text(row, "library"), text(row, "upload")];
    await repeat(forgetReceipts, upload);
    if (!signal.aborted) await database.run(forgetUpload, upload);
  }
  for (const row of await database.run(buried)) {
    for (const statement of purges) await repeat(statement, [text(row, "library")]);
  }
}

/** Deletes events that the library does not keep any more. @throws ArrwError */
export async function forgetOldEvents(
  database: PostgresDatabase,
  libraryId: string,
  signal: AbortSignal,
): Promise<void> {
  await repeatUntilDone(database, signal, forgetEvents, [libraryId, rowsAtOnce]);
}

async function repeatUntilDone(
  database: PostgresDatabase,
  signal: AbortSignal,
  statement: Statement,
  values: readonly (string | number)[],
): Promise<void> {
  while (!signal.aborted) {
    if (integer(only(await database.run(statement, values)), "rows") === 0) return;
  }
}
