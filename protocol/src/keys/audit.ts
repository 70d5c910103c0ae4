import { z } from "zod";
import { errorCode } from "../errors/failure-fields.ts";
import { pageLimit } from "../documents/model.ts";
import { timestamp } from "../text.ts";

/** One action on the server or its libraries, performed or refused. */
export const auditEntry = z.object({
  id: z.int().positive().describe("Grows by one with each entry"),
  timestamp: timestamp.describe("When it happened, in UTC"),
  key_id: z
    .string()
    .nullable()
    .describe("The key that was used; null if the server requires none, `environment` for `ARRWDB_ADMIN_KEY`"),
  key_name: z.string().describe("Its name"),
  operation: z.string().describe("The operation id in the API reference, such as `deleteLibrary`"),
  subject: z.string().describe("The path of the resource that was changed or created"),
  status: z.int().describe("The HTTP status of the response"),
  code: errorCode.nullable().describe("Why it was refused"),
  request_id: z.string().describe("The request id, as in the response's `x-request-id` and the server's log"),
  address: z.string().describe("The address the request came from"),
});
export type AuditEntry = z.output<typeof auditEntry>;

export const auditQuery = z.strictObject({
  limit: pageLimit.describe("Maximum number of entries per page"),
  before: z.coerce
    .number({ error: "must be the id of an entry" })
    .int()
    .positive()
    .optional()
    .describe("Return entries before this one"),
});
export type AuditQuery = z.output<typeof auditQuery>;

/** The newest first. */
export const auditPage = z.object({
  entries: z.array(auditEntry).describe("Entries, newest first"),
  next_before: z.int().positive().nullable().describe("Pass as `before` to get the next page; null on the last page"),
});
export type AuditPage = z.output<typeof auditPage>;
