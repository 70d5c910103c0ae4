import type { AuditEntry } from "@arrwdb/protocol/keys/audit";

export type NewAuditEntry = Omit<AuditEntry, "id">;

export interface AuditRange {
  /** Only entries before this one; undefined starts with the newest. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** Audit log of administrative actions. Keeps the last `limits.auditEntries` entries. Every failure is an `ArrwError`. */
export interface AuditLog {
  /** Durable when it resolves. Ids increase in the order of the calls. */
  appendAudit(entry: NewAuditEntry): Promise<void>;
  /** Newest first. */
  readAudit(range: AuditRange): Promise<readonly AuditEntry[]>;
}
