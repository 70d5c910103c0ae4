import { z } from "zod";
import { errorCode } from "./ingestion.ts";
import { pageLimit } from "./model.ts";
import { timestamp } from "./text.ts";

/** One thing that somebody did to the server or its libraries, or was refused. */
export const auditEntry = z.object({
  /** Grows by one with each entry. */
  id: z.int().positive(),
  timestamp,
  /** The key that was used; null where the server asks for none, `environment` for that of `ARRWDB_ADMIN_KEY`. */
  key_id: z.string().nullable(),
  key_name: z.string(),
  /** The name of the operation in the reference, such as `deleteLibrary`. */
  operation: z.string(),
  /** The path of what it was done to, or of what it made. */
  subject: z.string(),
  status: z.int(),
  /** Why it was refused. */
  code: errorCode.nullable(),
  /** As in the answer's `x-request-id`, and in the server's log. */
  request_id: z.string(),
  address: z.string(),
});
export type AuditEntry = z.output<typeof auditEntry>;

export const auditQuery = z.strictObject({
  limit: pageLimit,
  /** Entries before this one. */
  before: z.coerce.number({ error: "must be the id of an entry" }).int().positive().optional(),
});
export type AuditQuery = z.output<typeof auditQuery>;

/** The newest first. */
export const auditPage = z.object({
  entries: z.array(auditEntry),
  /** What to give as `before` to go on, or null at the end. */
  next_before: z.int().positive().nullable(),
});
export type AuditPage = z.output<typeof auditPage>;
