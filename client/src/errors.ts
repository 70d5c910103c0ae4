import { type ErrorDefinition, errorTable } from "@arrwdb/protocol/errors/error-table";
import type { ErrorCode } from "./wire.ts";

/**
 * The server's codes, and those of the client: `network` (no connection, or a broken one), `timeout` (no response in
 * time), `closed` (the client was closed), `protocol` (a response that is not arrwDB's).
 */
export type ClientErrorCode = ErrorCode | "network" | "timeout" | "closed" | "protocol";

export interface ClientErrorOptions {
  /** The HTTP status, if there was a response. */
  readonly status?: number | undefined;
  readonly field?: string | undefined;
  readonly retryable?: boolean | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly earliestSeq?: number | undefined;
  readonly currentSeq?: number | undefined;
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

const ownRetryable: Readonly<Record<Exclude<ClientErrorCode, ErrorCode>, boolean>> = {
  network: true,
  timeout: true,
  closed: false,
  protocol: false,
};

const isOwn = (code: ClientErrorCode): code is keyof typeof ownRetryable => Object.hasOwn(ownRetryable, code);

/** Whether the text is one of the server's codes that this client knows. */
export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(errorTable, code);

/** Undefined for a code of a server newer than this client, whatever the types claim. */
const definitionOf = (code: string): ErrorDefinition | undefined => (isErrorCode(code) ? errorTable[code] : undefined);

/**
 * Every error of the client, except that an abort throws the signal's own reason.
 *
 * @example
 * ```ts
 * try {
 *   await library.search("");
 * } catch (error) {
 *   if (error instanceof ArrwClientError && error.code === "validation_failed") console.error(error.field, error.message);
 * }
 * ```
 */
export class ArrwClientError extends Error {
  override readonly name = "ArrwClientError";
  readonly code: ClientErrorCode;
  /** The HTTP status of the response, or the one of the code. */
  readonly status: number | undefined;
  /** The field at fault, as a path: `chunks[2].embedding`. */
  readonly field: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Seconds after which to retry, if the server sent it. */
  readonly retryAfter: number | undefined;
  /** The earliest position from which events can be resumed, for `position_expired`. */
  readonly earliestSeq: number | undefined;
  /** The document's `seq`, or 0 if there is no such document, for `seq_mismatch`. */
  readonly currentSeq: number | undefined;
  /** The id of the request in the server's log. */
  readonly requestId: string | undefined;

  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? (isOwn(code) ? undefined : definitionOf(code)?.status);
    this.field = options.field;
    this.retryable = options.retryable ?? (isOwn(code) ? ownRetryable[code] : (definitionOf(code)?.retryable ?? false));
    this.retryAfter = options.retryAfter;
    this.earliestSeq = options.earliestSeq;
    this.currentSeq = options.currentSeq;
    this.requestId = options.requestId;
  }
}

/** The failure of a line, of a WebSocket request, or of a subscription. */
export interface WireFailure {
  readonly error: string;
  readonly error_code: ErrorCode;
  readonly field?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly earliest_seq?: number | undefined;
  readonly current_seq?: number | undefined;
}

export function fromFailure(failure: WireFailure): ArrwClientError {
  return new ArrwClientError(failure.error_code, failure.error, {
    field: failure.field,
    retryable: failure.retryable,
    earliestSeq: failure.earliest_seq,
    currentSeq: failure.current_seq,
  });
}

const codeOfClose: ReadonlyMap<number, ErrorCode> = new Map(
  Object.keys(errorTable).flatMap((code) => {
    const close = definitionOf(code)?.close;
    return isErrorCode(code) && close !== undefined ? [[close, code]] : [];
  }),
);

/** What the end of a WebSocket means. Codes that the server has no error for are the network's. */
export function fromClose(closeCode: number, reason: string): ArrwClientError {
  const code = codeOfClose.get(closeCode);
  if (code !== undefined)
    return new ArrwClientError(code, reason === "" ? `The connection was closed with code ${closeCode}` : reason);
  // A frame that should not be.
  if (closeCode === 1002 || closeCode === 1007) {
    return new ArrwClientError("protocol", `The connection was closed with code ${closeCode}: ${reason}`);
  }
  return new ArrwClientError("network", `The connection was lost (${closeCode})`);
}

/** An `ArrwClientError` for any error of the network. */
export function toClientError(error: unknown, what: string): ArrwClientError {
  if (error instanceof ArrwClientError) return error;
  return new ArrwClientError("network", `${what}: ${reasonOf(error)}`, { cause: error });
}

/** What Node finds at certificates of an authority that it does not know. */
const untrusted = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** `fetch` hides why it failed in the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error) || cause.message === "") return error.message;
  const isUntrusted = "code" in cause && typeof cause.code === "string" && untrusted.has(cause.code);
  const remedy = "; if you trust its authority, start the program with NODE_EXTRA_CA_CERTS=/path/to/authority.pem";
  return `${error.message} (${cause.message}${isUntrusted ? remedy : ""})`;
}
