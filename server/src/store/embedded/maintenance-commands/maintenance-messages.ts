import { ThreadDefinition } from "../../../util/typed-thread.ts";
import type { ErrorData } from "../../engine/threads/thread-messages.ts";
import type { DatabaseInspection } from "./database-inspection.ts";

/** The task of a maintenance thread. */
export type MaintenanceTask =
  /** Copies a snapshot of a data directory's database into a file, and inspects the copy. */
  | { readonly type: "copy"; readonly directory: string; readonly file: string }
  /** Inspects a database file that is not being written. */
  | { readonly type: "inspect"; readonly file: string }
  /** Inspects the database of a data directory, whether or not a server has it open. */
  | { readonly type: "inspect-live"; readonly directory: string };

/** An inspection, with the hash of the file if it is not being written. */
export interface TaskResult extends DatabaseInspection {
  readonly bytes: number;
  readonly sha256: string;
}

export type TaskMessage =
  | { readonly type: "progress"; readonly done: number; readonly total: number; readonly step: string }
  | { readonly type: "done"; readonly result: TaskResult }
  | { readonly type: "failed"; readonly error: ErrorData };

/** A thread for one task; no messages are sent to it. */
export const maintenanceThread = new ThreadDefinition<MaintenanceTask, never, TaskMessage>(
  new URL("./maintenance-worker.ts", import.meta.url),
);
