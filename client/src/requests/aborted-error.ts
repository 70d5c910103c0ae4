import { errorTable } from "@arrwdb/protocol/errors/error-table";
import { ArrwClientError, isErrorCode, type WireFailure } from "../errors.ts";

/** The error with which the server ended a response that had already begun. */
export function abortedError({ error, error_code }: WireFailure): ArrwClientError {
  const retryable = isErrorCode(error_code) && errorTable[error_code].retryable;
  return new ArrwClientError(error_code, error, { retryable });
}
