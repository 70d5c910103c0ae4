import { cut } from "./cut.ts";
import { type ErrorCode, type ErrorDefinition, errorTable } from "./error-table.ts";

export interface ArrwErrorOptions {
  /** The field at fault, as a path: `chunks[2].embedding`. */
  readonly field?: string | undefined;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number | undefined;
  /** With `position_expired`: the earliest position from which events can be resumed. */
  readonly earliestSeq?: number | undefined;
  /** With `seq_mismatch`: the document's `seq`; 0 if there is no such document. */
  readonly currentSeq?: number | undefined;
  readonly cause?: unknown;
}

/** Maximum of characters of a message and of a field's path, whatever input they quote. */
const messageLength = 1_000;
const fieldLength = 300;

/** The only error that crosses a package's or module's boundary: a stable code and a message for people. */
export class ArrwError extends Error {
  override readonly name = "ArrwError";
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfter: number | undefined;
  readonly earliestSeq: number | undefined;
  readonly currentSeq: number | undefined;

  constructor(code: ErrorCode, message: string, options: ArrwErrorOptions = {}) {
    super(cut(message, messageLength), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.field = options.field === undefined ? undefined : cut(options.field, fieldLength);
    this.retryAfter = options.retryAfter;
    this.earliestSeq = options.earliestSeq;
    this.currentSeq = options.currentSeq;
  }

  get definition(): ErrorDefinition {
    return errorTable[this.code];
  }
}

/** Wrapped errors by their cause: when a client disconnects, each of its lines ends with the same cause. */
const wrapped = new WeakMap<object, ArrwError>();

/** Wraps other errors, so that no cause is lost and no internals are exposed. */
export function toArrwError(error: unknown): ArrwError {
  if (error instanceof ArrwError) return error;
  const isObject = typeof error === "object" && error !== null;
  const known = isObject ? wrapped.get(error) : undefined;
  if (known !== undefined) return known;
  const message = "Internal server error; the server's log has the details.";
  const wrapping = new ArrwError("internal", message, { cause: error });
  if (isObject) wrapped.set(error, wrapping);
  return wrapping;
}
