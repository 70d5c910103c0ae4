import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { ConfigError, readConfig } from "../../settings/config.ts";
import { schemaVersion } from "../../store/embedded/tables/migrations.ts";
import { databaseBytes, exists, freeBytes } from "../../store/embedded/maintenance/backup-directories.ts";
import { isInUse } from "../../store/embedded/maintenance/rebuild-database.ts";
import { type MaintenanceOptions, runTask } from "../../store/embedded/maintenance/maintenance-task.ts";
import { bytesInWords } from "../terminal/units.ts";

/** What one look at the installation found. */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warning" | "fault";
  readonly message: string;
}

/** Bytes below which a disk is nearly full. */
const littleSpace = 1024 ** 3;
const tooLittleSpace = 64 * 1024 ** 2;

type Check = (directory: string, options: MaintenanceOptions) => Promise<Omit<Finding, "check">>;

const ok = (message: string) => ({ state: "ok", message }) as const;
const warning = (message: string) => ({ state: "warning", message }) as const;
const fault = (message: string) => ({ state: "fault", message }) as const;

async function settings(): Promise<Omit<Finding, "check">> {
  try {
    const { ARRWDB_EMBEDDING, HOST, PORT } = readConfig([], process.env);
    return ok(`can be read: ${HOST}:${PORT}, embedding ${ARRWDB_EMBEDDING}`);
  } catch (error) {
    if (error instanceof ConfigError) return fault(error.message);
    throw error;
  }
}

async function directoryAccess(directory: string): Promise<Omit<Finding, "check">> {
  if (!(await exists(directory))) return fault(`${directory} is not there; say where it is with --data-dir`);
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(`${directory} can be read and written`);
  } catch {
    return fault(`${directory} may not be read and written by this user; run as the user of the server`);
  }
}

async function disk(directory: string): Promise<Omit<Finding, "check">> {
  const [free, used] = [await freeBytes(directory), await databaseBytes(directory)];
  const message = `${bytesInWords(free)} free, the data take ${bytesInWords(used)}`;
  if (free < tooLittleSpace) return fault(`${message}; writes are about to be refused, make room`);
  return free < Math.max(littleSpace, used / 2) ? warning(`${message}; make room before a backup`) : ok(message);
}

async function use(directory: string): Promise<Omit<Finding, "check">> {
  return ok(isInUse(directory) ? "a server has the directory" : "no server has the directory");
}

async function rows(directory: string, options: MaintenanceOptions): Promise<Omit<Finding, "check">> {
  const { schema, faults, contents } = await runTask({ type: "inspect-live", directory }, options);
  if (schema > schemaVersion) return fault(`written by a newer arrwDB (schema ${schema}); upgrade this one`);
  if (faults.length > 0) return fault(`${faults.join("; ")}. Restore a backup, and keep a copy of the directory`);
  const documents = contents.libraries.reduce((sum, library) => sum + library.documents, 0);
  return ok(
    `SQLite finds no damage, and the counts of ${contents.libraries.length} libraries with ${documents} documents agree`,
  );
}

/** In order: after a fault of one that is needed, those that depend on it are left out. */
const checks: readonly (readonly [name: string, check: Check, isNeeded: boolean])[] = [
  ["settings", settings, false],
  ["directory", directoryAccess, true],
  ["disk", disk, false],
  ["use", use, false],
  ["data", rows, true],
];

/** Looks at everything, one after the other. */
export async function* examine(directory: string, options: MaintenanceOptions): AsyncGenerator<Finding, undefined> {
  for (const [check, run, isNeeded] of checks) {
    const finding = await run(directory, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      return fault(error instanceof Error ? error.message : String(error));
    });
    yield { check, ...finding };
    if (isNeeded && finding.state === "fault") return;
  }
}
