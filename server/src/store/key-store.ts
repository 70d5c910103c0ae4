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

export type KeyChange = { readonly created: StoredKey } | { readonly revoked: string };
/** Must not throw. */
export type KeyChangeListener = (change: KeyChange) => void;

/**
 * Storage of API keys. Callers cache all keys in memory and subscribe to changes, so that authenticating a request needs
 * no read. Every failure is an `ArrwError`.
 */
export interface KeyStore {
  /** When it resolves, the key is durable and every listener was notified. @throws ArrwError `too_many_keys` */
  createKey(key: StoredKey): Promise<void>;
  /** All keys, in order of creation. */
  listKeys(): Promise<readonly StoredKey[]>;
  /** When it resolves, the removal is durable and every listener was notified. @throws ArrwError `key_not_found` */
  revokeKey(id: string): Promise<void>;
  /** Stores when keys were last used; keys that no longer exist are skipped. */
  recordKeyUse(uses: readonly KeyUse[]): Promise<void>;
  /** Subscribes to keys created or revoked from now on, by this node or another. Returns a function that unsubscribes. */
  onKeyChange(listener: KeyChangeListener): () => void;
}
