import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import { networkOf } from "../util/network.ts";
import type { Principal } from "./principal.ts";
import { RateLimiter, type RateState } from "./rate-limiter.ts";

/** Limits per key, or per address without a key; undefined for no limit. */
export interface UsageSettings {
  readonly requestsPerMinute: number | undefined;
  readonly concurrentRequests: number | undefined;
  readonly connections: number | undefined;
  readonly bodyBytes: number | undefined;
}

/** Who is counted. */
export interface Caller {
  readonly principal: Principal;
  readonly address: string;
}

/** Releases what was reserved. Safe to call twice. */
export type Release = () => void;

/** Tracks the usage of keys and addresses, and refuses requests beyond their limits. */
export class Usage {
  readonly #settings: UsageSettings;
  readonly #rates = new RateLimiter();
  readonly #running = new Map<string, number>();
  readonly #connected = new Map<string, number>();

  constructor(settings: UsageSettings) {
    this.#settings = settings;
  }

  /** Counts a request. Undefined if there is no limit. */
  rate(caller: Caller): RateState | undefined {
    const limit = caller.principal.limits.requests_per_minute ?? this.#settings.requestsPerMinute;
    return limit === undefined ? undefined : this.#rates.take(nameOf(caller), limit);
  }

  /** The same for an unauthenticated request. */
  rateOfAddress(address: string): RateState | undefined {
    const limit = this.#settings.requestsPerMinute;
    return limit === undefined ? undefined : this.#rates.take(networkOf(address), limit);
  }

  /** For as long as a request is in progress. @throws ArrwError `rate_limited` */
  begin(caller: Caller): Release {
    const limit = caller.principal.limits.concurrent_requests ?? this.#settings.concurrentRequests;
    return take(this.#running, nameOf(caller), limit, "concurrent requests are allowed; wait for one to finish");
  }

  /** For as long as a WebSocket or a stream of events is open. @throws ArrwError `rate_limited` */
  connect(caller: Caller): Release {
    const limit = caller.principal.limits.connections ?? this.#settings.connections;
    return take(this.#connected, nameOf(caller), limit, "concurrent connections are allowed; close one first");
  }

  /** The most bytes of a JSON body or WebSocket message. */
  bodyBytes({ principal }: Pick<Caller, "principal">): number {
    return principal.limits.body_bytes ?? this.#settings.bodyBytes ?? limits.bodyBytes;
  }
}

/** @throws ArrwError `rate_limited` if the limit is reached */
export function checkRate(state: RateState | undefined): void {
  if (state === undefined || state.retryAfter === 0) return;
  const message = `Rate limit of ${state.limit} requests per minute exceeded; retry in ${state.retryAfter} seconds`;
  throw new ArrwError("rate_limited", message, { retryAfter: state.retryAfter });
}

function take(counts: Map<string, number>, name: string, limit: number | undefined, what: string): Release {
  const count = counts.get(name) ?? 0;
  if (limit !== undefined && count >= limit) {
    throw new ArrwError("rate_limited", `At most ${limit} ${what}`, { retryAfter: 1 });
  }
  counts.set(name, count + 1);
  let released = false;
  return () => {
    if (released) return;
    released = true;
    const now = (counts.get(name) ?? 1) - 1;
    if (now === 0) counts.delete(name);
    else counts.set(name, now);
  };
}

/** Identifies a caller: by its key, or by its network if there is none. */
export const nameOf = ({ principal, address }: Caller) =>
  principal.keyId === null ? networkOf(address) : `key ${principal.keyId}`;
