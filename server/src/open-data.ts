import type { Config } from "./settings/config.ts";
import type { AuditLog } from "./store/audit-log.ts";
import type { DataMaintenance } from "./store/data-maintenance.ts";
import type { Data, DataEvents } from "./store/data.ts";
import { EmbeddedMaintenance } from "./store/embedded/embedded-maintenance.ts";
import { EmbeddedStore } from "./store/embedded/embedded-store.ts";
import { storedKeys } from "./store/embedded/stored-keys.ts";
import type { KeyStore } from "./store/key-store.ts";

/** The only place that knows the adapters: it opens the one that the settings select. */

type DataSettings = Pick<Config, "ARRWDB_DATA_DIR" | "ARRWDB_MAX_DATA_BYTES">;

/** @param signal aborts opening. @throws ArrwError why the data cannot be opened */
export function openData(settings: DataSettings, events: DataEvents, signal: AbortSignal): Promise<Data> {
  return EmbeddedStore.open({
    directory: settings.ARRWDB_DATA_DIR,
    maxBytes: settings.ARRWDB_MAX_DATA_BYTES,
    signal,
    ...events,
  });
}

/** The keys as they are before the data are open; undefined if they cannot be read yet. Nothing can be changed by them. */
export function openEarlyKeys(settings: DataSettings): (KeyStore & AuditLog) | undefined {
  return storedKeys(settings.ARRWDB_DATA_DIR);
}

/** Backups, restores and checks, without a server. */
export function openMaintenance(directory: string): DataMaintenance {
  return new EmbeddedMaintenance(directory);
}
