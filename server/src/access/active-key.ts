import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { ApiKey, KeyLimits, KeyScope } from "@arrwdb/protocol/keys/keys";
import type { StoredKey } from "../store/key-store.ts";
import type { Principal } from "./principal.ts";

/** Resolution of a key's last use, in milliseconds. */
const useResolution = 60_000;

/** A key in memory, with the connections and requests that use it. */
export class ActiveKey implements Principal {
  readonly keyId: string;
  readonly name: string;
  readonly scope: KeyScope;
  readonly libraries: ReadonlySet<string> | null;
  readonly limits: KeyLimits;
  readonly expiresAt: string | null;
  readonly #stored: StoredKey;
  readonly #expires: number;
  /** The same by a monotonic clock, so that setting the system clock back neither revives a key nor extends it. */
  readonly #deadline: number;
  readonly #holders = new Set<(reason: ArrwError) => void>();
  #ended: ArrwError | undefined;
  #lastUsedAt: string | null;
  /** By a monotonic clock. */
  #lastUse = Number.NEGATIVE_INFINITY;

  constructor(stored: StoredKey) {
    this.#stored = stored;
    this.keyId = stored.id;
    this.name = stored.name;
    this.scope = stored.scope;
    this.libraries = stored.libraries === null ? null : new Set(stored.libraries);
    this.limits = stored.limits;
    this.expiresAt = stored.expiresAt;
    this.#expires = stored.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(stored.expiresAt);
    this.#deadline = performance.now() + this.#expires - Date.now();
    this.#lastUsedAt = stored.lastUsedAt;
  }

  get hash(): Uint8Array {
    return this.#stored.hash;
  }

  get ended(): ArrwError | undefined {
    const isOver = Date.now() >= this.#expires || performance.now() >= this.#deadline;
    if (this.#ended === undefined && isOver) {
      return new ArrwError("unauthorized", `The key expired at ${this.expiresAt}; ask for a new one`);
    }
    return this.#ended;
  }

  /** Whether connections or requests use it. */
  get isHeld(): boolean {
    return this.#holders.size > 0;
  }

  onEnd(listener: (reason: ArrwError) => void): () => void {
    const { ended } = this;
    if (ended === undefined) this.#holders.add(listener);
    else listener(ended);
    return () => this.#holders.delete(listener);
  }

  end(reason: ArrwError): void {
    this.#ended ??= reason;
    const holders = [...this.#holders];
    this.#holders.clear();
    for (const end of holders) end(reason);
  }

  /** Tells whether this is worth remembering: the first use in a minute. */
  use(now: number): boolean {
    if (performance.now() - this.#lastUse < useResolution) return false;
    this.#lastUse = performance.now();
    this.#lastUsedAt = new Date(now).toISOString();
    return true;
  }

  get lastUsedAt(): string | null {
    return this.#lastUsedAt;
  }

  describe(): ApiKey {
    const { id, name, scope, libraries, limits, createdAt, expiresAt } = this.#stored;
    return {
      id,
      name,
      scope,
      libraries: libraries === null ? null : [...libraries],
      limits,
      created_at: createdAt,
      expires_at: expiresAt,
      last_used_at: this.#lastUsedAt,
    };
  }
}
