import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { ErrorData } from "./thread-messages.ts";
import { storageError } from "../rows/storage-error.ts";

/** Errors lose their class between threads, so they are sent as data. */
export function toErrorData(error: unknown): ErrorData {
  const known = toArrwError(storageError(error));
  const cause = known.cause instanceof Error ? (known.cause.stack ?? known.cause.message) : undefined;
  const { code, message, field, retryAfter, earliestSeq } = known;
  return { code, message, field, retryAfter, earliestSeq, cause };
}

export function fromErrorData({ code, message, field, retryAfter, earliestSeq, cause }: ErrorData): ArrwError {
  return new ArrwError(code, message, {
    field,
    retryAfter,
    earliestSeq,
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  });
}
