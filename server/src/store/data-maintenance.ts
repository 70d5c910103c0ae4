/** What a database holds. */
export interface DataContents {
  readonly libraries: readonly { readonly documents: number; readonly chunks: number }[];
}

/** What a backup says of itself. */
export interface BackupManifest {
  readonly created_at: string;
  readonly bytes: number;
  readonly contents: DataContents;
}

export interface MaintenanceOptions {
  /** Ends what is under way, which then throws the signal's reason and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
  /** Called with what is done now, and how far that is. */
  readonly onProgress?: ((step: string, done: number, total: number) => void) | undefined;
}

export interface RestoreOptions extends MaintenanceOptions {
  /** Whether data that are there may be put aside. */
  readonly replace: boolean;
}

export interface Inspection {
  /** The version of the schema that the data have, and the newest one that can be read. */
  readonly schema: number;
  readonly newestSchema: number;
  /** What does not agree, in words; empty if all is well. */
  readonly faults: readonly string[];
  readonly contents: DataContents;
}

/** What can be done with data without a server. Every failure is an `ArrwError` or the signal's reason. */
export interface DataMaintenance {
  exists(): Promise<boolean>;
  /** Bytes that are free beside the data, and that they take. */
  space(): Promise<{ readonly free: number; readonly used: number }>;
  /** Whether a server has the data open. */
  isInUse(): boolean;
  /** Reads all data; a server may go on. */
  inspect(options: MaintenanceOptions): Promise<Inspection>;
  /** Discards everything that is made from the rows; the next start makes it again. Not while a server has the data. */
  discardDerived(): Promise<void>;
  /** Copies the data as of one moment, and checks the copy; a server may go on. */
  backup(to: string, options: MaintenanceOptions): Promise<BackupManifest>;
  /** Checks a backup. */
  verify(backup: string, options: MaintenanceOptions): Promise<BackupManifest>;
  /** Puts a backup in the place of the data. Not while a server has them. */
  restore(
    backup: string,
    options: RestoreOptions,
  ): Promise<{
    readonly manifest: BackupManifest;
    /** Where the data are that were there before. */
    readonly replaced: string | undefined;
  }>;
}
