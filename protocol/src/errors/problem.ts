import { z } from "zod";
import { errorTable } from "./error-table.ts";
import type { ArrwError } from "./errors.ts";
import { currentSeq, earliestSeq, errorCode } from "./failure-fields.ts";
import type { Failure } from "../documents/ingestion.ts";

/** An HTTP error as RFC 9457 describes it, with the stable `code` and the field at fault. */
export const problem = z.object({
  type: z.string().describe("`urn:arrwdb:error:` and the code"),
  title: z.string().describe("The meaning of the code"),
  status: z.int().describe("The HTTP status of the response"),
  detail: z.string().describe("Error message, for people"),
  instance: z.string().describe("`urn:arrwdb:request:` and the id of the request"),
  request_id: z.string().describe("The request id, as in the response's `X-Request-Id` and in the log"),
  code: errorCode.describe("Error code, for programs"),
  field: z.string().optional().describe("The field at fault"),
  retryable: z.boolean().describe("Whether the same request may succeed later"),
  earliest_seq: earliestSeq,
  current_seq: currentSeq,
});
export type Problem = z.output<typeof problem>;

interface ErrorPositions {
  readonly earliest_seq?: number;
  readonly current_seq?: number;
}

export function toProblem(error: ArrwError, requestId: string): Problem {
  const { status, retryable, meaning } = error.definition;
  return {
    type: `urn:arrwdb:error:${error.code}`,
    title: meaning,
    status,
    detail: error.message,
    instance: `urn:arrwdb:request:${requestId}`,
    request_id: requestId,
    code: error.code,
    ...(error.field === undefined ? {} : { field: error.field }),
    retryable,
    ...positionsOf(error),
  };
}

function positionsOf({ earliestSeq: earliest, currentSeq: current }: ArrwError): ErrorPositions {
  return {
    ...(earliest === undefined ? {} : { earliest_seq: earliest }),
    ...(current === undefined ? {} : { current_seq: current }),
  };
}

/** The error of one line, or of one WebSocket request, in their common form. */
export function toFailure(error: ArrwError): Omit<Failure, "line"> & ErrorPositions {
  return {
    success: false,
    error: error.message,
    error_code: error.code,
    ...(error.field === undefined ? {} : { field: error.field }),
    retryable: errorTable[error.code].retryable,
    ...positionsOf(error),
  };
}
