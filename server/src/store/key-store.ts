import type { KeyLimits, KeyScope } from "@arrwdb/protocol/keys";

/** A key as it is kept: of its secret there is only a hash. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly scope: KeyScope;
  /** Ids of the libraries that it is limited to, or null for all. */
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
 * Where keys are kept. Callers hold all of them in memory and hear of changes, so that a request asks nobody. Every
 * failure is an `ArrwError`.
 */
export interface KeyStore {
  /** Durable, and told to every listener, when it resolves. @throws ArrwError `too_many_keys` */
  createKey(key: StoredKey): Promise<void>;
  /** All keys, in the order of creation. */
  listKeys(): Promise<readonly StoredKey[]>;
  /** Forgets the key. Durable, and told to every listener, when it resolves. @throws ArrwError `key_not_found` */
  revokeKey(id: string): Promise<void>;
  /** Remembers when keys were last used; those that are gone are left out. */
  recordKeyUse(uses: readonly KeyUse[]): Promise<void>;
  /** Tells of keys that are created or revoked from now on, by this node or another. Returns how to end it. */
  onKeyChange(listener: KeyChangeListener): () => void;
}
