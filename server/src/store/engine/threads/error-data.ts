import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { ErrorData } from "./thread-messages.ts";
import { storageError } from "../rows/storage-error.ts";

/** Errors lose their class between threads, so they are sent as data. */
export function toErrorData(error: unknown): ErrorData {
  const known = toArrwError(storageError(error));
  const cause = known.cause instanceof Error ? (known.cause.stack ?? known.cause.message) : undefined;
  const { code, message, field, retryAfter, earliestSeq, currentSeq } = known;
  return { code, message, field, retryAfter, earliestSeq, currentSeq, cause };
}

export function fromErrorData({ code, message, cause, ...options }: ErrorData): ArrwError {
  return new ArrwError(code, message, {
    ...options,
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  });
}
