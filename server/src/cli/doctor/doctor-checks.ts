import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { ConfigError, readConfig } from "../../settings/config.ts";
import { openMaintenance } from "../../open-data.ts";
import type { DataMaintenance, MaintenanceOptions } from "../../store/data-maintenance.ts";
import { bytesInWords, counted } from "../terminal/units.ts";

/** The result of one check. */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warning" | "fault";
  readonly message: string;
}

/** Bytes below which a disk is nearly full. */
const littleSpace = 1024 ** 3;
const tooLittleSpace = 64 * 1024 ** 2;

/** What is checked: the data directory, and the data in it. */
interface Installation {
  readonly directory: string;
  readonly data: DataMaintenance;
}

type Check = (installation: Installation, options: MaintenanceOptions) => Promise<Omit<Finding, "check">>;

const ok = (message: string) => ({ state: "ok", message }) as const;
const warning = (message: string) => ({ state: "warning", message }) as const;
const fault = (message: string) => ({ state: "fault", message }) as const;

async function settings(): Promise<Omit<Finding, "check">> {
  try {
    const { ARRWDB_EMBEDDING, HOST, PORT } = readConfig([], process.env);
    return ok(`valid: ${HOST}:${PORT}, embedding ${ARRWDB_EMBEDDING}`);
  } catch (error) {
    if (error instanceof ConfigError) return fault(error.message);
    throw error;
  }
}

async function directoryAccess({ directory, data }: Installation): Promise<Omit<Finding, "check">> {
  if (!(await data.exists())) return fault(`${directory} does not exist; set the data directory with --data-dir`);
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(`${directory} is readable and writable`);
  } catch {
    return fault(`${directory} is not readable and writable by this user; run as the server's user`);
  }
}

async function disk({ data }: Installation): Promise<Omit<Finding, "check">> {
  const { free, used } = await data.space();
  const message = `${bytesInWords(free)} free, the data uses ${bytesInWords(used)}`;
  if (free < tooLittleSpace) return fault(`${message}; writes are about to be rejected, free some space`);
  return free < Math.max(littleSpace, used / 2) ? warning(`${message}; free some space before a backup`) : ok(message);
}

async function use({ data }: Installation): Promise<Omit<Finding, "check">> {
  return ok(data.isInUse() ? "a server is using the directory" : "no server is using the directory");
}

async function rows({ data }: Installation, options: MaintenanceOptions): Promise<Omit<Finding, "check">> {
  const { schema, newestSchema, faults, contents } = await data.inspect(options);
  if (schema > newestSchema) return fault(`written by a newer arrwDB (schema ${schema}); upgrade this one`);
  if (faults.length > 0) return fault(`${faults.join("; ")}. Restore a backup, and keep a copy of this directory`);
  const documents = contents.libraries.reduce((sum, library) => sum + library.documents, 0);
  return ok(
    `SQLite's integrity check passed, and the counts of ${counted(contents.libraries.length, "library", "libraries")} with ${counted(documents, "document")} are consistent`,
  );
}

/** In order: if a required check fails, those that depend on it are skipped. */
const checks: readonly (readonly [name: string, check: Check, isNeeded: boolean])[] = [
  ["settings", settings, false],
  ["directory", directoryAccess, true],
  ["disk", disk, false],
  ["use", use, false],
  ["data", rows, true],
];

/** Runs all checks, one after the other. */
export async function* examine(directory: string, options: MaintenanceOptions): AsyncGenerator<Finding, undefined> {
  const installation = { directory, data: openMaintenance(directory) };
  for (const [check, run, isNeeded] of checks) {
    const finding = await run(installation, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      return fault(error instanceof Error ? error.message : String(error));
    });
    yield { check, ...finding };
    if (isNeeded && finding.state === "fault") return;
  }
}
