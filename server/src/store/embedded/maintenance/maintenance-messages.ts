import { ThreadDefinition } from "../../../util/typed-thread.ts";
import type { ErrorData } from "../../engine/threads/thread-messages.ts";
import type { DatabaseInspection } from "./database-inspection.ts";

/** What a maintenance thread is started to do. */
export type MaintenanceTask =
  /** Copies the database of a data directory into a file as of one moment, and inspects the copy. */
  | { readonly type: "copy"; readonly directory: string; readonly file: string }
  /** Inspects a database file that nothing writes to. */
  | { readonly type: "inspect"; readonly file: string }
  /** Inspects the database of a data directory, whether or not a server has it. */
  | { readonly type: "inspect-live"; readonly directory: string };

/** An inspection with the hash of the file, where that stands still. */
export interface TaskResult extends DatabaseInspection {
  readonly bytes: number;
  readonly sha256: string;
}

export type TaskMessage =
  | { readonly type: "progress"; readonly done: number; readonly total: number; readonly step: string }
  | { readonly type: "done"; readonly result: TaskResult }
  | { readonly type: "failed"; readonly error: ErrorData };

/** A thread for one task; nothing is sent to it. */
export const maintenanceThread = new ThreadDefinition<MaintenanceTask, never, TaskMessage>(
  new URL("./maintenance-worker.ts", import.meta.url),
);
