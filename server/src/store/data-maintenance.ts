/** Counts of what a database contains. */
export interface DataContents {
  readonly libraries: readonly { readonly documents: number; readonly chunks: number }[];
}

/** Metadata stored with a backup. */
export interface BackupManifest {
  readonly created_at: string;
  readonly bytes: number;
  readonly contents: DataContents;
}

export interface MaintenanceOptions {
  /** Aborts the operation, which then throws the signal's reason and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the current step and its progress. */
  readonly onProgress?: ((step: string, done: number, total: number) => void) | undefined;
}

export interface RestoreOptions extends MaintenanceOptions {
  /** Whether existing data may be moved aside. */
  readonly replace: boolean;
}

export interface Inspection {
  /** Schema version of the data, and the newest version that this release can read. */
  readonly schema: number;
  readonly newestSchema: number;
  /** Inconsistencies found, as messages; empty if there are none. */
  readonly faults: readonly string[];
  readonly contents: DataContents;
}

/** Offline operations on the data directory. Every failure is an `ArrwError` or the signal's reason. */
export interface DataMaintenance {
  exists(): Promise<boolean>;
  /** Free bytes on the volume, and bytes used by the data. */
  space(): Promise<{ readonly free: number; readonly used: number }>;
  /** Whether a server has the data open. */
  isInUse(): boolean;
  /** Reads and checks all data; a server may be running. */
  inspect(options: MaintenanceOptions): Promise<Inspection>;
  /** Discards all derived data, which the next start rebuilds. Must not run while a server has the data open. */
  discardDerived(): Promise<void>;
  /** Copies a consistent snapshot of the data and verifies the copy; a server may be running. */
  backup(to: string, options: MaintenanceOptions): Promise<BackupManifest>;
  /** Verifies a backup. */
  verify(backup: string, options: MaintenanceOptions): Promise<BackupManifest>;
  /** Replaces the data with a backup. Must not run while a server has the data open. */
  restore(
    backup: string,
    options: RestoreOptions,
  ): Promise<{
    readonly manifest: BackupManifest;
    /** Where the previous data were moved to. */
    readonly replaced: string | undefined;
  }>;
}
