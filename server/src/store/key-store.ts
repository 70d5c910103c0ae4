import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { KeyLimits, KeyScope } from "@arrwdb/protocol/keys/keys";

/** An API key as stored: only a hash of its secret is kept. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly scope: KeyScope;
  /** Ids of the libraries that the key is limited to, or null for all. */
  readonly libraries: readonly string[] | null;
  readonly limits: KeyLimits;
  /** SHA-256 of the whole key. */
  readonly hash: Uint8Array;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface KeyUse {
  readonly id: string;
  readonly at: string;
}

export type KeyChange =
  | { readonly created: StoredKey }
  | { readonly revoked: string }
  /** All keys, where changes may have been missed. */
  | { readonly reset: readonly StoredKey[] };
/** Must not throw. */
export type KeyChangeListener = (change: KeyChange) => void;

/**
 * Storage of API keys. Callers cache all keys in memory and subscribe to changes, so that authenticating a request needs
 * no read. Every failure is an `ArrwError`.
 */
export interface KeyStore {
  /** Whether other nodes create and revoke keys too, so that having heard of none does not mean that there are none. */
  readonly isShared: boolean;
  /** Why the keys known here cannot be relied on now, as changes may not have been heard of; undefined if they can. */
  readonly distrust: ArrwError | undefined;
  /** When it resolves, the key is durable and every listener was notified. @throws ArrwError `too_many_keys` */
  createKey(key: StoredKey): Promise<void>;
  /** All keys, in order of creation. */
  listKeys(): Promise<readonly StoredKey[]>;
  /**
   * When it resolves, the removal is durable and every listener was notified.
   *
   * @param keepsAdmin whether the last key that may do everything, for ever, is kept
   * @throws ArrwError `key_not_found`, and `validation_failed` for the last such key
   */
  revokeKey(id: string, keepsAdmin: boolean): Promise<void>;
  /** Stores when keys were last used; keys that no longer exist are skipped. */
  recordKeyUse(uses: readonly KeyUse[]): Promise<void>;
  /** Subscribes to keys created or revoked from now on, by this node or another. Returns a function that unsubscribes. */
  onKeyChange(listener: KeyChangeListener): () => void;
}

/** Whether a key may do everything, for ever. */
export const isUnlimitedAdmin = ({
  scope,
  libraries,
  expiresAt,
}: Pick<StoredKey, "scope" | "libraries" | "expiresAt">): boolean =>
  scope === "admin" && libraries === null && expiresAt === null;

/** Refuses to revoke the last key that may do everything. @throws ArrwError `validation_failed` */
export function checkAdminIsLeft(key: StoredKey, all: readonly StoredKey[]): void {
  if (!isUnlimitedAdmin(key) || all.some((other) => other.id !== key.id && isUnlimitedAdmin(other))) return;
  const message = "key_id: is the last unrestricted admin key; create another one first, or set ARRWDB_ADMIN_KEY";
  throw new ArrwError("validation_failed", message, { field: "key_id" });
}
