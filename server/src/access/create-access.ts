import type { AuditLog } from "../store/audit-log.ts";
import type { KeyStore } from "../store/key-store.ts";
import { Access } from "./access.ts";
import { AuditTrail } from "./audit-trail.ts";
import { BrowserSessions } from "./browser-sessions.ts";
import { KeyRing } from "./key-ring.ts";
import { OriginPolicy } from "./origin-policy.ts";
import { Usage, type UsageSettings } from "./usage-limits.ts";

export interface AccessSettings {
  readonly adminKey: string | undefined;
  /** The address that the server listens on. */
  readonly host: string;
  readonly corsOrigins: readonly string[];
  /** Whether pages that were opened as files may use the server. */
  readonly filePages: boolean;
  readonly usage: UsageSettings;
  /** Called with errors of background work, which no caller awaits. */
  readonly onFault: (what: string, error: unknown) => void;
}

/** @throws ArrwError if the keys cannot be read from the store */
export async function createAccess(store: KeyStore & AuditLog, settings: AccessSettings): Promise<Access> {
  const { adminKey, host, corsOrigins, filePages, usage, onFault } = settings;
  return new Access({
    keys: await KeyRing.load({ store, adminKey, onFault }),
    sessions: new BrowserSessions(),
    origins: new OriginPolicy({ allowed: corsOrigins, host, files: filePages }),
    usage: new Usage(usage),
    audit: new AuditTrail(store),
  });
}
