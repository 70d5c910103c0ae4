import { ArrwError } from "@arrwdb/protocol/errors";

/** Bytes that are in memory of what clients send, of all of them and of one address. */
const bytesOfAll = 512 * 1024 * 1024;
const bytesOfAddress = 256 * 1024 * 1024;

/** What a request, or a connection, has taken of the budget. */
export interface HeldBytes {
  /** @throws ArrwError `overloaded`, `rate_limited` where there is no room for so many more bytes */
  take(bytes: number): void;
  /** Gives all of it back. Safe to call twice. */
  release(): void;
}

/** How much of JSON bodies, or of messages that are on their way, the server holds in memory, whatever is sent at the same time. */
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
