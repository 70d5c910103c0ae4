import { randomBytes } from "node:crypto";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import { LRUCache } from "lru-cache";
import { hashOf } from "./api-key.ts";
import { BrowserSession } from "./browser-session.ts";

/** Maximum of signed-in browsers; beyond it, the least recently used one must sign in again. */
const maxSessions = 10_000;
/** Milliseconds between checks for expired sessions. */
const expiryInterval = 1_000;

/** Browsers that have shown a key, by the hash of a token that they have as a cookie. They end with the process. */
export class BrowserSessions {
  readonly #sessions: LRUCache<string, BrowserSession>;
  readonly #timer: NodeJS.Timeout;

  /** @param lifetime milliseconds that a browser is signed in */
  constructor(lifetime: number = limits.browserSessionSeconds * 1000) {
    this.#sessions = new LRUCache({
      max: maxSessions,
      ttl: lifetime,
      dispose: (session) => session.end(new ArrwError("unauthorized", "The browser session has ended")),
    });
    this.#timer = setInterval(() => this.#sessions.purgeStale(), expiryInterval).unref();
  }

  /** The token of a new session. */
  begin(keyId: string): string {
    const token = randomBytes(32).toString("base64url");
    this.#sessions.set(nameOf(token), new BrowserSession(keyId));
    return token;
  }

  /** The session that the token is of, while it lasts. */
  find(token: string): BrowserSession | undefined {
    return this.#sessions.get(nameOf(token));
  }

  /** What was opened with it ends. */
  end(token: string): void {
    this.#sessions.delete(nameOf(token));
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

const nameOf = (token: string) => Buffer.from(hashOf(token)).toString("base64");
