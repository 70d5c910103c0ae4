import { z } from "zod";
import { sequenceNumber } from "../text.ts";
import { errorCodes } from "./error-table.ts";

export const errorCode = z.literal(errorCodes);

export const currentSeq = sequenceNumber
  .optional()
  .describe("The document's `seq`, or 0 if there is no such document, for `seq_mismatch`");

export const earliestSeq = sequenceNumber
  .optional()
  .describe("The earliest position from which events can be resumed, for `position_expired`");

/** What every answer to something that failed has. */
export const failureFields = (what: "line" | "request" | "search") => ({
  error: z.string().describe("Error message, for people"),
  error_code: errorCode.describe("Error code, for programs"),
  field: z.string().optional().describe("The field at fault"),
  retryable: z.boolean().describe(`Whether the same ${what} may succeed later`),
});

/** Of a summary: why what it sums up ended early. */
export const aborted = (why: string) => z.object({ error: z.string(), error_code: errorCode }).optional().describe(why);
