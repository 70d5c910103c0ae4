import { ArrwError } from "@arrwdb/protocol/errors/errors";

/** Maximum bytes of client data in memory, in total and per address. */
const bytesOfAll = 512 * 1024 * 1024;
const bytesOfAddress = 256 * 1024 * 1024;

/** The share of the budget held by a request, or a connection. */
export interface HeldBytes {
  /** @throws ArrwError `overloaded`, `rate_limited` if there is no room for so many more bytes */
  take(bytes: number): void;
  /** Releases all of it. Idempotent. */
  release(): void;
}

/** Bounds the memory of JSON bodies, or of messages in flight, whatever is sent concurrently. */
export class BodyBudget {
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  hold(address: string): HeldBytes {
    let held = 0;
    return {
      take: (bytes) => {
        const own = (this.#byAddress.get(address) ?? 0) + bytes;
        if (this.#taken + bytes > bytesOfAll) {
          throw new ArrwError("overloaded", "The server holds as many bytes of what is sent to it as it may", {
            retryAfter: 1,
          });
        }
        if (own > bytesOfAddress) {
          const message = `What the address sends at the same time comes to more than ${bytesOfAddress} bytes; wait for some of it to be answered`;
          throw new ArrwError("rate_limited", message, { retryAfter: 1 });
        }
        held += bytes;
        this.#taken += bytes;
        this.#byAddress.set(address, own);
      },
      release: () => {
        if (held === 0) return;
        const left = (this.#byAddress.get(address) ?? held) - held;
        this.#taken -= held;
        held = 0;
        if (left === 0) this.#byAddress.delete(address);
        else this.#byAddress.set(address, left);
      },
    };
  }
}
