import type { IncomingMessage } from "node:http";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { type KeyScope, keyScopes } from "@arrwdb/protocol/keys/keys";
import type { AuditTrail } from "./audit-trail.ts";
import type { BrowserSessions } from "./browser-sessions.ts";
import { credentialsOf } from "./credentials.ts";
import type { KeyRing } from "./key-ring.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import type { Principal } from "./principal.ts";
import type { Usage } from "./usage-limits.ts";

export interface AccessParts {
  readonly keys: KeyRing;
  readonly sessions: BrowserSessions;
  readonly origins: OriginPolicy;
  readonly usage: Usage;
  readonly audit: AuditTrail;
}

/** The permission that a request requires. */
export interface Wanted {
  readonly scope: KeyScope;
  /** The library that the request concerns, if any. */
  readonly libraryId: string | undefined;
  /** Whether it concerns no library, and returns to a limited key only what that key may see. */
  readonly narrowed: boolean;
}

/** Authorization: the one place that decides it, for HTTP and WebSocket alike. */
export class Access implements AccessParts {
  readonly keys: KeyRing;
  readonly sessions: BrowserSessions;
  readonly origins: OriginPolicy;
  readonly usage: Usage;
  readonly audit: AuditTrail;

  constructor({ keys, sessions, origins, usage, audit }: AccessParts) {
    this.keys = keys;
    this.sessions = sessions;
    this.origins = origins;
    this.usage = usage;
    this.audit = audit;
  }

  /** Stops the timers, and writes the audit entries still queued. */
  async close(): Promise<void> {
    this.sessions.close();
    await this.keys.close();
  }

  /** @throws ArrwError `origin_not_allowed` */
  checkOrigin({ headers, method }: IncomingMessage): void {
    this.origins.check(headers, this.keys.isOpen, method);
  }

  /** Who sends the request. @throws ArrwError `unauthorized` */
  authenticate(request: IncomingMessage): Principal {
    const { keys, session } = credentialsOf(request);
    // A wrong key is rejected even if none is required: its sender expects to be authenticated.
    const shown = keys.map((key) => this.keys.authenticate(key));
    const signedIn = session === undefined ? undefined : this.sessions.find(session);
    // A valid key takes precedence over an expired session.
    if (signedIn !== undefined) shown.push(signedIn.principal(this.keys.holder(signedIn.keyId)));
    else if (session !== undefined && shown.length === 0 && !this.keys.isOpen) {
      throw new ArrwError("unauthorized", "The browser session has ended; sign in again");
    }
    const [principal, ...others] = shown;
    if (principal === undefined) return this.keys.anybody();
    if (others.every(({ keyId }) => keyId === principal.keyId)) return principal;
    const message = "The request carries different keys in its headers, subprotocol or cookie; send only one";
    throw new ArrwError("unauthorized", message);
  }

  /**
   * Called again after every wait, as the permission may have ended meanwhile.
   *
   * @throws ArrwError `forbidden`, `library_not_found` for a library that the key cannot see, or `unauthorized` if the
   *   key has ended meanwhile
   */
  authorize(principal: Principal, { scope, libraryId, narrowed }: Wanted): void {
    if (principal.ended !== undefined) throw principal.ended;
    if (libraryId === undefined) {
      if (principal.libraries !== null && !narrowed) {
        throw new ArrwError(
          "forbidden",
          "The key is restricted to certain libraries, but this operation applies to the whole server; use another key",
        );
      }
    } else if (!sees(principal, libraryId)) throw unseen();
    this.checkScope(principal, scope);
  }

  /** @throws ArrwError `forbidden`, or `unauthorized` if the key has ended meanwhile */
  checkScope({ scope: held, ended }: Principal, scope: KeyScope): void {
    if (ended !== undefined) throw ended;
    if (keyScopes.indexOf(held) >= keyScopes.indexOf(scope)) return;
    throw new ArrwError(
      "forbidden",
      `This operation requires the scope ${scope}, but the key has ${held}; use another key`,
    );
  }
}

export const sees = ({ libraries }: Principal, libraryId: string): boolean =>
  libraries === null || libraries.has(libraryId.toLowerCase());

/** The same for a library that does not exist: a key cannot find out which others exist. */
const unseen = () =>
  new ArrwError("library_not_found", "There is no library with this id, or the key has no access to it");
