import type { BackoffSettings } from "./connection/backoff.ts";
import type { WebSocketConstructor } from "./connection/web-socket.ts";

/** Options of a single call. */
export interface RequestOptions {
  /** Cancels the call, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. Default is the client's; `Infinity` disables the timeout. */
  readonly timeout?: number | undefined;
}

/** Selects a page of a list. */
export interface ListPageOptions extends RequestOptions {
  /** Maximum number of entries, 1 to 1,000. Default is 50. */
  readonly limit?: number | undefined;
  /** The `next_cursor` of the previous page; the first page if absent. */
  readonly cursor?: string | undefined;
}

export interface ClientOptions {
  /** The server's URL: `http://localhost:8000`. A path before `/v1` is kept. */
  readonly url: string;
  /** Timeout for a response, in ms. Default is 30,000. */
  readonly timeout?: number | undefined;
  /** How to reconnect after the connection was lost. */
  readonly reconnect?: Partial<BackoffSettings> | undefined;
  /** Milliseconds of silence after which a `ping` is sent on the WebSocket. Default is 30,000. */
  readonly heartbeat?: number | undefined;
  /** Default is the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** Default is the global one. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /**
   * The API key. Sent as a header in HTTP requests, and as a subprotocol with WebSockets, because browsers cannot set
   * headers there. Never part of a URL.
   */
  readonly key?: string | undefined;
  /** Sent with each HTTP request. Not sent with WebSockets, because browsers cannot set headers there. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The options with everything decided. */
export interface ClientSettings {
  /** Without a slash at the end. */
  readonly url: string;
  readonly timeout: number;
  readonly reconnect: BackoffSettings;
  readonly heartbeat: number;
  readonly fetch: typeof fetch;
  readonly WebSocket: WebSocketConstructor;
  readonly headers: Readonly<Record<string, string>>;
  /** Offered with each WebSocket; none without a key. */
  readonly protocols: readonly string[];
}

/** @throws TypeError if it is not valid in a header */
function checkKey(key: string | undefined): string | undefined {
  if (key === undefined || /^[\w.~-]+$/.test(key)) return key;
  throw new TypeError("key: is not a valid arrwDB key, which consists of letters, digits and - . _ ~");
}

const defaultReconnect: BackoffSettings = { minDelay: 250, maxDelay: 30_000, maxAttempts: undefined };

function addressOf(url: string): string {
  if (!URL.canParse(url)) throw new TypeError(`url: "${url}" is not a URL such as http://localhost:8000`);
  const { protocol, origin, pathname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") throw new TypeError(`url: must begin with http:// or https://`);
  return origin + pathname.replace(/\/+$/, "");
}

export function settingsOf(options: ClientOptions): ClientSettings {
  const given = options.fetch;
  const key = checkKey(options.key);
  return {
    url: addressOf(options.url),
    timeout: options.timeout ?? 30_000,
    reconnect: { ...defaultReconnect, ...options.reconnect },
    heartbeat: options.heartbeat ?? 30_000,
    // The browser's own refuses to be called as a method of something else.
    fetch: given ?? ((input, init) => globalThis.fetch(input, init)),
    WebSocket: options.WebSocket ?? globalThis.WebSocket,
    headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...options.headers },
    protocols: key === undefined ? [] : ["arrwdb", `arrwdb.key.${key}`],
  };
}
