import type { DataMaintenance, MaintenanceOptions, RestoreOptions } from "../data-maintenance.ts";
import { databaseBytes, exists, freeBytes } from "./maintenance-commands/backup-directories.ts";
import { runTask } from "./maintenance-commands/maintenance-task.ts";
import { createBackup, verifyBackup } from "./maintenance-commands/make-backup.ts";
import { forgetDerived, isInUse } from "./maintenance-commands/rebuild-database.ts";
import { restoreBackup } from "./maintenance-commands/restore-backup.ts";
import { schemaVersion } from "./tables/migrations.ts";

/** Backups, restores and checks of a data directory. */
export class EmbeddedMaintenance implements DataMaintenance {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  exists() {
    return exists(this.#directory);
  }

  async space() {
    const [free, used] = [await freeBytes(this.#directory), await databaseBytes(this.#directory)];
    return { free, used };
  }

  isInUse() {
    return isInUse(this.#directory);
  }

  async inspect(options: MaintenanceOptions) {
    const found = await runTask({ type: "inspect-live", directory: this.#directory }, options);
    return { ...found, newestSchema: schemaVersion };
  }

  discardDerived() {
    return forgetDerived(this.#directory);
  }

  backup(to: string, options: MaintenanceOptions) {
    return createBackup(this.#directory, to, options);
  }

  verify(backup: string, options: MaintenanceOptions) {
    return verifyBackup(backup, options);
  }

  restore(backup: string, options: RestoreOptions) {
    return restoreBackup(backup, this.#directory, options);
  }
}
