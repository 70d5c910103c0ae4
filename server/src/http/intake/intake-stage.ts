import { ArrwError } from "@arrwdb/protocol/errors/errors";

/** Milliseconds without progress after which a request may be evicted for a new one. */
const evictableAfter = 1_000;

export interface StageBounds {
  /** Requests of all clients. */
  readonly total: number;
  /** Requests per address. */
  readonly perAddress: number;
}

/** The place of a request in a stage. */
export interface IntakePlace {
  /** The client did its part. */
  progress(): void;
  /** Safe to call twice. */
  leave(): void;
}

interface WaitingRequest {
  readonly address: string;
  readonly evict: (() => void) | undefined;
  at: number;
}

/**
 * Requests in one stage of processing, bounded in total and per address. If the stage is full, the request that has
 * been waiting for its client longest is evicted, so that no client holds a place by doing nothing.
 */
export class Stage {
  readonly #name: string;
  readonly #bounds: StageBounds;
  /** In the order of their last progress, oldest first. */
  readonly #members = new Set<WaitingRequest>();
  readonly #byAddress = new Map<string, Set<WaitingRequest>>();

  /** @param name plural noun for messages, after a number */
  constructor(name: string, bounds: StageBounds) {
    this.#name = name;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#members.size;
  }

  /**
   * @param evict called if the request must give way; without it, the request is never evicted
   * @throws ArrwError `rate_limited` if the address has reached its limit, `overloaded` if the stage is full
   */
  enter(address: string, evict?: () => void): IntakePlace {
    const { total, perAddress } = this.#bounds;
    if (this.#of(address).size >= perAddress && !this.#giveWay(this.#of(address))) {
      const message = `This address has ${perAddress} ${this.#name}, the maximum; wait for one to finish`;
      throw new ArrwError("rate_limited", message, { retryAfter: 1 });
    }
    if (this.#members.size >= total && !this.#giveWay(this.#members)) {
      throw new ArrwError("overloaded", `The server has ${total} ${this.#name}, the maximum; retry later`, {
        retryAfter: 1,
      });
    }
    const member: WaitingRequest = { address, evict, at: performance.now() };
    this.#add(member);
    return {
      progress: () => {
        if (!this.#members.has(member)) return;
        this.#remove(member);
        member.at = performance.now();
        this.#add(member);
      },
      leave: () => this.#remove(member),
    };
  }

  #of(address: string): Set<WaitingRequest> {
    return this.#byAddress.get(address) ?? new Set();
  }

  #giveWay(members: Set<WaitingRequest>): boolean {
    const [first] = members;
    if (first?.evict === undefined || performance.now() - first.at < evictableAfter) return false;
    this.#remove(first);
    first.evict();
    return true;
  }

  #add(member: WaitingRequest): void {
    this.#members.add(member);
    const own = this.#of(member.address);
    own.add(member);
    this.#byAddress.set(member.address, own);
  }

  #remove(member: WaitingRequest): void {
    if (!this.#members.delete(member)) return;
    const own = this.#of(member.address);
    own.delete(member);
    if (own.size === 0) this.#byAddress.delete(member.address);
  }
}
