import type { BackoffSettings } from "./backoff.ts";
import type { WebSocketConstructor } from "./web-socket.ts";

/** What one call may be given. */
export interface RequestOptions {
  /** Ends the call, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; the client's own where absent. `Infinity` waits for ever. */
  readonly timeout?: number | undefined;
}

/** Which page of a list. */
export interface ListPageOptions extends RequestOptions {
  /** Entries of the page at most, 1 to 1,000; 50 where absent. */
  readonly limit?: number | undefined;
  /** The `next_cursor` of the page before; the first page where absent. */
  readonly cursor?: string | undefined;
}

export interface ClientOptions {
  /** Where the server is: `http://localhost:8000`. A path before `/v1` is kept. */
  readonly url: string;
  /** Milliseconds that an answer may take, 30,000 where absent. */
  readonly timeout?: number | undefined;
  /** How to come back after the connection was lost. */
  readonly reconnect?: Partial<BackoffSettings> | undefined;
  /** Milliseconds of silence after which a WebSocket is asked for a sign of life, 30,000 where absent. */
  readonly heartbeat?: number | undefined;
  /** In place of the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** In place of the global one. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /**
   * The API key. HTTP requests carry it as a header, and WebSockets as a subprotocol, as browsers can set no headers
   * there. It stands in no address.
   */
  readonly key?: string | undefined;
  /** Sent with each HTTP request. A WebSocket of a browser cannot carry headers, so none of the client's does. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The options with everything decided. */
export interface Settings {
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

/** @throws TypeError where it cannot stand in a header */
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

export function settingsOf(options: ClientOptions): Settings {
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
