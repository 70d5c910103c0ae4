import type { ErrorCode } from "@arrwdb/protocol/errors";
import type { LibraryEvent } from "@arrwdb/protocol/events";

/** An error as it crosses the thread. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly earliestSeq?: number | undefined;
  readonly cause?: string | undefined;
}

/** Like `Settled`, for the way between the threads. */
export type Outcome<Value> = { readonly value: Value } | { readonly error: ErrorData };

export type LogLevel = "info" | "warn" | "error";
export type Log = (level: LogLevel, message: string, details: Readonly<Record<string, unknown>>) => void;

export interface AnsweredRequest {
  readonly id: number;
  readonly outcome: Outcome<unknown>;
}

export type ThreadReply =
  /** The thread has its modules, and may be ended. */
  | { readonly type: "loaded" }
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly error: ErrorData }
  /** What opening does now, where it takes long. */
  | { readonly type: "opening"; readonly step: string }
  /** Saved indexes were looked at: searches are as fast as they were before the start, or their indexes are being made. */
  | { readonly type: "recovered" }
  | { readonly type: "answers"; readonly answers: readonly AnsweredRequest[] }
  | { readonly type: "events"; readonly events: readonly LibraryEvent[] }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

/** The operations of a thread: what each takes, and what it returns. */
export type OperationMap<Operations> = Readonly<
  Record<keyof Operations, { readonly take: unknown; readonly give: unknown }>
>;

/** One call of an operation, as it crosses to the thread. */
export type CallOf<Operations extends OperationMap<Operations>, Name extends keyof Operations = keyof Operations> = {
  readonly [Each in Name]: {
    readonly id: number;
    readonly operation: Each;
    readonly take: Operations[Each]["take"];
  };
}[Name];

/** Nobody waits for the answer to the call with this id any more. */
export interface Abandonment {
  readonly id: number;
  readonly operation: "abandon";
}
