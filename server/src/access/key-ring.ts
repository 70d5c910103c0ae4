import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { ApiKey, CreateKeyRequest, KeyCreated } from "@arrwdb/protocol/keys/keys";
import type { KeyStore, StoredKey } from "../store/key-store.ts";
import { ActiveKey } from "./active-key.ts";
import { hashOf, idOfKey, mintKey, sameHash } from "./api-key.ts";
import type { Principal } from "./principal.ts";

/** The name of the key from the environment. */
export const environmentKeyId = "environment";
/** Milliseconds between checks for expired keys. */
const expiryInterval = 1_000;
/** Milliseconds between writes of when keys were last used. */
const useInterval = 60_000;

export interface KeyRingOptions {
  readonly store: KeyStore;
  /** A key with all permissions, besides those of the store. */
  readonly adminKey: string | undefined;
  /** Called with errors of background work, which no caller awaits. */
  readonly onFault: (what: string, error: unknown) => void;
}

const refused = (message: string) => new ArrwError("unauthorized", message);
const revoked = () => refused("The key was revoked; ask for a new one");
const storedNow = (key: Pick<StoredKey, "id" | "name" | "scope" | "hash">): StoredKey => ({
  ...key,
  libraries: null,
  limits: {},
  createdAt: new Date().toISOString(),
  expiresAt: null,
  lastUsedAt: null,
});

/**
 * Every key, in memory, so that requests need no read of the store. The store notifies it of changes, and what was
 * opened with a key ends with the key. While there are no keys, none is required.
 */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #keys = new Map<string, ActiveKey>();
  readonly #used = new Set<ActiveKey>();
  /** Keys that are refused while the store decides whether they are revoked. */
  readonly #revoking = new Set<string>();
  readonly #adminKey: ActiveKey | undefined;
  /** Callers without a key, while none is required; ended when the first key is created. */
  readonly #anybody = new ActiveKey(storedNow({ id: "", name: "anybody", scope: "admin", hash: new Uint8Array() }));
  readonly #stopListening: () => void;
  readonly #timers: readonly NodeJS.Timeout[];

  /** @throws ArrwError if the keys cannot be read from the store */
  static async load(options: KeyRingOptions): Promise<KeyRing> {
    return new KeyRing(options, await options.store.listKeys());
  }

  private constructor(options: KeyRingOptions, stored: readonly StoredKey[]) {
    this.#options = options;
    const { adminKey, store } = options;
    if (adminKey !== undefined) {
      const named = { id: environmentKeyId, name: "ARRWDB_ADMIN_KEY", scope: "admin", hash: hashOf(adminKey) } as const;
      this.#adminKey = new ActiveKey(storedNow(named));
    }
    for (const key of stored) this.#keys.set(key.id, new ActiveKey(key));
    this.#stopListening = store.onKeyChange((change) => {
      if ("created" in change) this.#add(change.created);
      else if ("revoked" in change) this.#remove(change.revoked);
      else this.#reset(change.reset);
    });
    this.#timers = [
      setInterval(() => this.#expire(), expiryInterval).unref(),
      setInterval(() => void this.#rememberUse(), useInterval).unref(),
    ];
  }

  /** Whether access is unrestricted because there are no keys. */
  get isOpen(): boolean {
    return this.#adminKey === undefined && this.#keys.size === 0 && !this.#options.store.isShared;
  }

  /** The principal of callers without a key. @throws ArrwError `unauthorized` if a key is required */
  anybody(): Principal {
    if (!this.isOpen)
      throw refused("API key required; send Authorization: Bearer arrw_... (ask the server's operator for a key)");
    const anybody = this.#anybody;
    return {
      ...boundsOf(anybody),
      keyId: null,
      get ended() {
        return anybody.ended;
      },
      onEnd: (listener) => anybody.onEnd(listener),
    };
  }

  /** The holder of the key. @throws ArrwError `unauthorized` */
  authenticate(key: string): Principal {
    const hash = hashOf(key);
    if (this.#adminKey !== undefined && sameHash(hash, this.#adminKey.hash)) return this.#adminKey;
    const { distrust } = this.#options.store;
    if (distrust !== undefined) throw distrust;
    const found = this.#known(idOfKey(key) ?? "");
    if (found === undefined || !sameHash(hash, found.hash)) {
      throw refused("The API key is unknown or was revoked; check it, or ask for a new one");
    }
    return this.#inUse(found);
  }

  /** The key with this id, which was presented before. @throws ArrwError `unauthorized` */
  holder(id: string): Principal {
    if (id === environmentKeyId && this.#adminKey !== undefined) return this.#adminKey;
    const { distrust } = this.#options.store;
    if (distrust !== undefined) throw distrust;
    const found = this.#known(id);
    if (found === undefined) throw refused("The key of this session was revoked; sign in with another one");
    return this.#inUse(found);
  }

  /**
   * Calls back once when the key ends, at once if there is none. The key of the environment is the operator's, and does
   * not end. Returns a function that unsubscribes.
   */
  onEnd(id: string, listener: (reason: ArrwError) => void): () => void {
    if (id === environmentKeyId) return noListener;
    const key = this.#keys.get(id);
    if (key !== undefined) return key.onEnd(listener);
    listener(revoked());
    return noListener;
  }

  /** In the order of creation. */
  list(): readonly ApiKey[] {
    return [...this.#keys.values()].map((key) => key.describe());
  }

  /** @throws ArrwError `validation_failed`, `too_many_keys` */
  async create(request: CreateKeyRequest): Promise<KeyCreated> {
    this.#check(request);
    const { id, key } = mintKey();
    const stored: StoredKey = {
      ...storedNow({ id, name: request.name, scope: request.scope, hash: hashOf(key) }),
      libraries: request.libraries,
      limits: request.limits,
      expiresAt: request.expires_at,
    };
    await this.#options.store.createKey(stored);
    return { ...new ActiveKey(stored).describe(), key };
  }

  /** It is refused from the call on. @throws ArrwError `key_not_found`, `validation_failed` */
  async revoke(id: string): Promise<void> {
    this.#revoking.add(id);
    try {
      // The store knows keys that other nodes have made just now, and which one is the last.
      await this.#options.store.revokeKey(id, this.#adminKey === undefined);
      this.#remove(id);
    } catch (error) {
      if (error instanceof ArrwError && error.code === "key_not_found") this.#remove(id);
      throw error;
    } finally {
      this.#revoking.delete(id);
    }
  }

  /** Writes pending changes. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopListening();
    await this.#rememberUse();
  }

  #check({ scope, libraries, expires_at: expiresAt }: CreateKeyRequest): void {
    if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) {
      throw new ArrwError("validation_failed", "expires_at: must be in the future", { field: "expires_at" });
    }
    if (!this.isOpen || (scope === "admin" && libraries === null && expiresAt === null)) return;
    const message =
      'scope: the first key must be "admin", for all libraries and without an expiry, because the server requires keys from then on';
    throw new ArrwError("validation_failed", message, { field: "scope" });
  }

  #known(id: string): ActiveKey | undefined {
    return this.#revoking.has(id) ? undefined : this.#keys.get(id);
  }

  #add(stored: StoredKey): void {
    if (!this.#keys.has(stored.id)) this.#keys.set(stored.id, new ActiveKey(stored));
    this.#anybody.end(refused("The server requires an API key from now on; reconnect with one"));
  }

  #remove(id: string): void {
    const key = this.#keys.get(id);
    this.#keys.delete(id);
    if (key !== undefined) this.#end(key);
  }

  #reset(all: readonly StoredKey[]): void {
    const left = new Set(all.map(({ id }) => id));
    for (const id of this.#keys.keys()) if (!left.has(id)) this.#remove(id);
    for (const key of all) this.#add(key);
  }

  #end(key: ActiveKey): void {
    this.#used.delete(key);
    key.end(revoked());
  }

  #inUse(key: ActiveKey): Principal {
    if (key.ended !== undefined) throw key.ended;
    if (key.use(Date.now())) this.#used.add(key);
    return key;
  }

  #expire(): void {
    for (const key of this.#keys.values()) if (key.isHeld && key.ended !== undefined) key.end(key.ended);
  }

  async #rememberUse(): Promise<void> {
    const uses = [...this.#used].flatMap(({ keyId, lastUsedAt }) =>
      lastUsedAt === null ? [] : [{ id: keyId, at: lastUsedAt }],
    );
    this.#used.clear();
    try {
      await this.#options.store.recordKeyUse(uses);
    } catch (error) {
      this.#options.onFault("the last use of API keys could not be saved", error);
    }
  }
}

const boundsOf = ({ name, scope, libraries, limits, expiresAt }: ActiveKey) => ({
  name,
  scope,
  libraries,
  limits,
  expiresAt,
});

/** The unsubscribe function if there was nothing to subscribe to. */
const noListener = () => undefined;
