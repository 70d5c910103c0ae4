import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Grant, KeyLimits, KeyScope } from "@arrwdb/protocol/keys/keys";

/** The caller: the holder of a key, or anonymous if no key is required. */
export interface Principal {
  /** Null for anonymous callers. */
  readonly keyId: string | null;
  readonly name: string;
  readonly scope: KeyScope;
  /** Ids of the libraries that it sees, or null for all. */
  readonly libraries: ReadonlySet<string> | null;
  readonly limits: KeyLimits;
  readonly expiresAt: string | null;
  /** Why it may do nothing any more, to the moment; undefined while it may. */
  readonly ended: ArrwError | undefined;
  /**
   * Calls back once with the reason when its permission ends, at once if it has. Returns a function that unsubscribes.
   */
  onEnd(listener: (reason: ArrwError) => void): () => void;
}

export const grantOf = ({ keyId, name, scope, libraries, expiresAt }: Principal): Grant => ({
  key_id: keyId,
  name,
  scope,
  libraries: libraries === null ? null : [...libraries],
  expires_at: expiresAt,
});
