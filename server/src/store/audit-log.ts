import type { AuditEntry } from "@arrwdb/protocol/audit";

export type NewAuditEntry = Omit<AuditEntry, "id">;

export interface AuditRange {
  /** Entries before this one; from the newest on where undefined. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** Who did what. It keeps the last entries, as many as `limits.auditEntries`. Every failure is an `ArrwError`. */
export interface AuditLog {
  /** Durable when it resolves. Ids grow in the order of the calls. */
  appendAudit(entry: NewAuditEntry): Promise<void>;
  /** The newest first. */
  readAudit(range: AuditRange): Promise<readonly AuditEntry[]>;
}
