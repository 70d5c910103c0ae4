import { z } from "zod";
import { errorCode } from "./ingestion.ts";
import { pageLimit } from "./model.ts";
import { timestamp } from "./text.ts";

/** One thing that somebody did to the server or its libraries, or was refused. */
export const auditEntry = z.object({
  id: z.int().positive().describe("Grows by one with each entry"),
  timestamp: timestamp.describe("When it was done, in UTC"),
  key_id: z
    .string()
    .nullable()
    .describe(
      "The key that was used; null where the server asks for none, `environment` for that of `ARRWDB_ADMIN_KEY`",
    ),
  key_name: z.string().describe("Its name"),
  operation: z.string().describe("The name of the operation in the reference, such as `deleteLibrary`"),
  subject: z.string().describe("The path of what it was done to, or of what it made"),
  status: z.int().describe("The status of the answer"),
  code: errorCode.nullable().describe("Why it was refused"),
  request_id: z.string().describe("As in the answer's `x-request-id`, and in the server's log"),
  address: z.string().describe("Where the request came from"),
});
export type AuditEntry = z.output<typeof auditEntry>;

export const auditQuery = z.strictObject({
  limit: pageLimit.describe("Entries of one page"),
  before: z.coerce
    .number({ error: "must be the id of an entry" })
    .int()
    .positive()
    .optional()
    .describe("Entries before this one"),
});
export type AuditQuery = z.output<typeof auditQuery>;

/** The newest first. */
export const auditPage = z.object({
  entries: z.array(auditEntry).describe("Entries, the newest first"),
  next_before: z.int().positive().nullable().describe("What to give as `before` to go on, or null at the end"),
});
export type AuditPage = z.output<typeof auditPage>;
