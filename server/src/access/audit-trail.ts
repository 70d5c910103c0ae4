import type { AuditPage, AuditQuery } from "@arrwdb/protocol/keys/audit";
import type { ErrorCode } from "@arrwdb/protocol/errors/error-table";
import { LRUCache } from "lru-cache";
import type { AuditLog } from "../store/audit-log.ts";
import type { Principal } from "./principal.ts";

/** An action that was performed or rejected. */
export interface AuditedAction {
  readonly principal: Principal;
  readonly operation: string;
  readonly subject: string;
  readonly status: number;
  readonly code: ErrorCode | null;
  readonly requestId: string;
  readonly address: string;
}

/** Milliseconds within which the same rejection is recorded once, so that the log cannot be flooded. */
const refusalInterval = 60_000;
const maxSubject = 500;

/** Records administrative actions with their callers. */
export class AuditTrail {
  readonly #log: AuditLog;
  readonly #refusals = new LRUCache<string, true>({ max: 10_000, ttl: refusalInterval });

  constructor(log: AuditLog) {
    this.#log = log;
  }

  /** Durable when it resolves. */
  async record(action: AuditedAction): Promise<void> {
    const { principal, operation, subject, status, code, requestId, address } = action;
    if (code !== null) {
      const refusal = `${principal.keyId} ${operation} ${code}`;
      if (this.#refusals.has(refusal)) return;
      this.#refusals.set(refusal, true);
    }
    await this.#log.appendAudit({
      timestamp: new Date().toISOString(),
      key_id: principal.keyId,
      key_name: principal.name,
      operation,
      subject: subject.slice(0, maxSubject),
      status,
      code,
      request_id: requestId,
      address,
    });
  }

  async read({ limit, before }: AuditQuery): Promise<AuditPage> {
    const entries = await this.#log.readAudit({ limit, before });
    const last = entries.length === limit ? entries.at(-1) : undefined;
    return { entries: [...entries], next_before: last?.id ?? null };
  }
}
