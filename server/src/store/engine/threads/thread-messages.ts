import type { ErrorCode } from "@arrwdb/protocol/errors/error-table";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";

/** An error as sent between threads. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly earliestSeq?: number | undefined;
  readonly currentSeq?: number | undefined;
  readonly cause?: string | undefined;
}

/** Like `Settled`, as sent between threads. */
export type Outcome<Value> = { readonly value: Value } | { readonly error: ErrorData };

export type LogLevel = "info" | "warn" | "error";
export type Log = (level: LogLevel, message: string, details: Readonly<Record<string, unknown>>) => void;

export interface AnsweredRequest {
  readonly id: number;
  readonly outcome: Outcome<unknown>;
}

export type ThreadReply =
  /** The thread has loaded its modules, and may be terminated. */
  | { readonly type: "loaded" }
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly error: ErrorData }
  /** The current step of opening, if that takes long. */
  | { readonly type: "opening"; readonly step: string }
  /** Saved indexes were loaded, or are being rebuilt: searches are as fast as they can be. */
  | { readonly type: "recovered" }
  | { readonly type: "answers"; readonly answers: readonly AnsweredRequest[] }
  /** Documents of the library expire next at this instant, in milliseconds, or never. */
  | { readonly type: "expiring"; readonly libraryId: string; readonly at: number | null }
  | { readonly type: "events"; readonly events: readonly LibraryEvent[] }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

/** The operations of a thread, with their parameters and results. */
export type OperationMap<Operations> = Readonly<
  Record<keyof Operations, { readonly take: unknown; readonly give: unknown }>
>;

/** One call of an operation, as sent to the thread. */
export type CallOf<Operations extends OperationMap<Operations>, Name extends keyof Operations = keyof Operations> = {
  readonly [Each in Name]: {
    readonly id: number;
    readonly operation: Each;
    readonly take: Operations[Each]["take"];
  };
}[Name];

/** The call with this id was cancelled. */
export interface Abandonment {
  readonly id: number;
  readonly operation: "abandon";
}
