import type { DatabaseSync } from "node:sqlite";
import { type AuditEntry, auditEntry } from "@arrwdb/protocol/keys/audit";
import { limits } from "@arrwdb/protocol/limits";
import type { AuditRange, NewAuditEntry } from "../../audit-log.ts";

/** The audit log; new entries evict the oldest. */
export class AuditTable {
  readonly #insert;
  readonly #trim;
  readonly #page;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO audit (timestamp, key_id, key_name, operation, subject, status, code, request_id, address)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#trim = database.prepare("DELETE FROM audit WHERE id <= ?");
    this.#page = database.prepare("SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?");
  }

  append(entry: NewAuditEntry): void {
    const { timestamp, key_id, key_name, operation, subject, status, code, request_id, address } = entry;
    const { lastInsertRowid } = this.#insert.run(
      timestamp,
      key_id,
      key_name,
      operation,
      subject,
      status,
      code,
      request_id,
      address,
    );
    this.#trim.run(Number(lastInsertRowid) - limits.auditEntries);
  }

  page({ before, limit }: AuditRange): readonly AuditEntry[] {
    return this.#page.all(before ?? Number.MAX_SAFE_INTEGER, limit).map((row) => auditEntry.parse(row));
  }
}
