import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { Client } from "pg";
import { flag, integer, type Row, text } from "../../engine/rows/row-values.ts";
import { connectionSettings } from "./connection-settings.ts";
import { codeOfError } from "./postgres-error.ts";
import { only } from "./postgres-database.ts";

/** As PostgreSQL numbers its versions; 15 is the oldest that has all that is used. */
const oldestVersion = 150_000;
/** Milliseconds within which a notification of one's own arrives. */
const hearTimeout = 5_000;

const readServer = `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS version_name,
  pg_is_in_recovery()::int AS standby, current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('transaction_read_only') AS read_only, current_setting('fsync') AS fsync,
  current_user AS role, current_database() AS database,
  has_database_privilege(current_database(), 'CREATE')::int AS may_create,
  (to_regnamespace('arrwdb') IS NOT NULL)::int AS has_schema, (to_regclass('arrwdb.cluster') IS NOT NULL)::int AS has_cluster`;

const unusable = (message: string, cause?: unknown) =>
  new ArrwError("storage_failed", `ARRWDB_STORE: ${message}`, { cause });

/**
 * Checks that arrwDB can use this PostgreSQL before anything is written to it.
 *
 * @param warn told of what works, but does not keep all promises
 * @throws ArrwError `storage_failed`, with what to do
 */
export async function checkServer(url: string, warn: (message: string) => void): Promise<void> {
  const client = new Client(connectionSettings(url));
  // An error between two statements is told by the next one.
  client.on("error", () => undefined);
  try {
    await connect(client, url);
    const { rows }: { rows: Row[] } = await client.query(readServer);
    checkState(only(rows), warn);
    await checkNotifications(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The server and database of a URL, without its password. */
export function withoutPassword(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
  } catch {
    return "the given URL";
  }
}

async function connect(client: Client, url: string): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    throw unusable(`${withoutPassword(url)} ${whyNot(error)}`, error);
  }
}

function whyNot(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  switch (codeOfError(error)) {
    case "ECONNREFUSED":
      return "refuses connections; start PostgreSQL there, or correct the address";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "is not found; correct the name of its host";
    case "28P01":
    case "28000":
      return `refuses the user or password (${reason}); correct them, or its pg_hba.conf`;
    case "3D000":
      return `has no such database (${reason}); create it with createdb`;
    case "53300":
      return "has no connection left; raise its max_connections, or start fewer nodes";
    case undefined:
      return `does not answer as PostgreSQL does (${reason}); check that PostgreSQL listens there`;
    default:
      return `cannot be used (${reason})`;
  }
}

function checkState(row: Row, warn: (message: string) => void): void {
  const where = `the database ${text(row, "database")}`;
  if (integer(row, "version") < oldestVersion) {
    throw unusable(`PostgreSQL ${text(row, "version_name")} is too old; upgrade it to 15 or later`);
  }
  if (flag(row, "standby"))
    throw unusable("the server is a standby, which cannot be written; give the primary's address");
  if (text(row, "read_only") === "on") {
    throw unusable(`${where} is read-only for ${text(row, "role")}; set default_transaction_read_only to off for it`);
  }
  if (text(row, "synchronous_commit") === "off") {
    throw unusable(
      "synchronous_commit is off, so PostgreSQL could lose what was acknowledged; set it to on, or to another value, for this role",
    );
  }
  if (flag(row, "has_schema") && !flag(row, "has_cluster")) {
    throw unusable(`${where} has a schema arrwdb that is another program's; use another database`);
  }
  if (!flag(row, "has_schema") && !flag(row, "may_create")) {
    const [role, database] = [text(row, "role"), text(row, "database")];
    throw unusable(`${role} may not create a schema; run GRANT CREATE ON DATABASE ${database} TO ${role}`);
  }
  if (text(row, "fsync") === "off") {
    warn("fsync is off in PostgreSQL: a power failure can damage the database, with what was acknowledged");
  }
}

/** A pooler that gives each transaction another connection would lose what nodes tell each other. */
async function checkNotifications(client: Client): Promise<void> {
  const own = `check ${crypto.randomUUID()}`;
  const heard = Promise.withResolvers<void>();
  const listener = ({ payload }: { payload?: string | undefined }) => {
    if (payload === own) heard.resolve();
  };
  client.on("notification", listener);
  const timer = setTimeout(() => {
    const message =
      "notifications do not arrive, so there is a pooler that does not keep sessions (such as PgBouncer's transaction mode); give the address of PostgreSQL itself, or of a pooler in session mode";
    heard.reject(unusable(message));
  }, hearTimeout);
  try {
    await client.query("LISTEN arrwdb_check");
    await client.query("SELECT pg_notify('arrwdb_check', $1)", [own]);
    await heard.promise;
    await client.query("UNLISTEN arrwdb_check");
  } finally {
    clearTimeout(timer);
    client.off("notification", listener);
  }
}
