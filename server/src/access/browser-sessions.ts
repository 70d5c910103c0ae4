import { randomBytes } from "node:crypto";
import { limits } from "@arrwdb/protocol/limits";
import { LRUCache } from "lru-cache";
import { hashOf } from "./api-key.ts";

/** Browsers that are signed in at the same time; beyond, the one that was not seen for longest has to do it again. */
const maxSessions = 10_000;

/** Browsers that have shown a key, by the hash of a token that they have as a cookie. They end with the process. */
export class BrowserSessions {
  readonly #keyIds = new LRUCache<string, string>({ max: maxSessions, ttl: limits.browserSessionSeconds * 1000 });

  /** The token of a new session. */
  begin(keyId: string): string {
    const token = randomBytes(32).toString("base64url");
    this.#keyIds.set(nameOf(token), keyId);
    return token;
  }

  /** The id of the key that was shown. */
  keyOf(token: string): string | undefined {
    return this.#keyIds.get(nameOf(token));
  }

  end(token: string): void {
    this.#keyIds.delete(nameOf(token));
  }
}

const nameOf = (token: string) => Buffer.from(hashOf(token)).toString("base64");
