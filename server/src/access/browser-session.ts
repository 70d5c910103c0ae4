import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Principal } from "./principal.ts";

/** A browser that has shown a key. What it opens ends with the session, as with the key. */
export class BrowserSession {
  /** Of the key that was shown. */
  readonly keyId: string;
  readonly #holders = new Set<(reason: ArrwError) => void>();
  #ended: ArrwError | undefined;

  constructor(keyId: string) {
    this.keyId = keyId;
  }

  end(reason: ArrwError): void {
    this.#ended ??= reason;
    const holders = [...this.#holders];
    this.#holders.clear();
    for (const end of holders) end(reason);
  }

  /** The holder of the key, until the first of both ends. */
  principal(key: Principal): Principal {
    const session = () => this.#ended;
    const { keyId, name, scope, libraries, limits, expiresAt } = key;
    return {
      keyId,
      name,
      scope,
      libraries,
      limits,
      expiresAt,
      get ended() {
        return key.ended ?? session();
      },
      onEnd: (listener) => {
        let notified = false;
        const once = (reason: ArrwError) => {
          if (!notified) listener(reason);
          notified = true;
        };
        const forget = key.onEnd(once);
        const { ended } = this;
        if (ended === undefined) this.#holders.add(once);
        else once(ended);
        return () => {
          forget();
          this.#holders.delete(once);
        };
      },
    };
  }

  /** Why it has ended; undefined while it is valid. */
  get ended(): ArrwError | undefined {
    return this.#ended;
  }
}
