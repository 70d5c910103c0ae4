import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { ArrwError } from "@arrwdb/protocol/errors/errors";

/** Whether the name, or address, is this machine's own. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (isIP(name) === 4) return name.startsWith("127.");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || name === "::ffff:127.0.0.1";
}

export interface OriginSettings {
  /** Origins of pages that may use the server, or `*` for all. */
  readonly allowed: readonly string[];
  /** The address that the server listens on. */
  readonly host: string;
  /** Whether pages without an origin may use it: those opened as files, and others with the origin `null`. */
  readonly files: boolean;
}

/** How browsers call the origin of a page that was opened as a file; sandboxed frames of any site are `null` as well. */
const fileOrigins: ReadonlySet<string> = new Set(["null", "file://"]);

const refused = (message: string) => new ArrwError("origin_not_allowed", message);

/**
 * Keeps pages of other origins from using the server through the browser of a user who can reach it. Browsers send the
 * origin of a page; clients that send none are not browsers, and only need their key.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #host: string;
  readonly #isLocal: boolean;
  readonly #files: boolean;

  constructor({ allowed, host, files }: OriginSettings) {
    this.#files = files;
    this.#allowed = new Set(allowed);
    this.#host = host.toLowerCase();
    this.#isLocal = isLoopback(host);
  }

  /**
   * @param isOpen whether no key is required, so that network access is all it takes
   * @param method of the request; default is one that only reads
   * @throws ArrwError `origin_not_allowed`
   */
  check(headers: IncomingHttpHeaders, isOpen: boolean, method = "GET"): void {
    const guarded = isOpen && this.#isLocal;
    if (guarded) this.#checkHost(headers.host);
    const { origin } = headers;
    if (origin === undefined) return this.#checkSite(headers, isOpen, method);
    if (this.shares(origin, isOpen)) return;
    const own = URL.canParse(origin) ? new URL(origin).host : "";
    // A page cannot set either header without a preflight.
    if (own !== "" && (own === headers.host || own === headers["x-forwarded-host"])) return;
    throw refused(`The origin ${origin.slice(0, 200)} is not allowed; add it to ARRWDB_CORS_ORIGINS`);
  }

  /**
   * Whether pages of this origin may use the server though it is another origin. `fetch` learns this from CORS headers;
   * a WebSocket, and a request that needs no CORS, is refused otherwise.
   */
  shares(origin: string, isOpen: boolean): boolean {
    if (this.#allowed.has("*") || this.#allowed.has(origin)) return true;
    if (this.#files && fileOrigins.has(origin)) return true;
    // Other servers on the same machine, such as a page's development server.
    return isOpen && this.#isLocal && URL.canParse(origin) && isLoopback(new URL(origin).hostname);
  }

  /** Whether pages of other origins may use the server at all, or might. */
  get isShared(): boolean {
    return this.#allowed.size > 0 || this.#files || this.#isLocal;
  }

  /** A foreign name that leads to this machine is how pages reach past the borders of origins (DNS rebinding). */
  #checkHost(host: string | undefined): void {
    if (host === undefined || !URL.canParse(`http://${host}`)) return;
    const { hostname } = new URL(`http://${host}`);
    if (isLoopback(hostname) || hostname === this.#host) return;
    throw refused(
      `Without API keys the server accepts only the host name localhost, not ${hostname.slice(0, 200)}; set ARRWDB_ADMIN_KEY to use another name`,
    );
  }

  /** Images and the like carry no `Origin`, but newer browsers send `Sec-Fetch-Site` with them. */
  #checkSite(headers: IncomingHttpHeaders, isOpen: boolean, method: string): void {
    if (headers["sec-fetch-site"] !== "cross-site" || this.#allowed.has("*")) return;
    const isRead = method === "GET" || method === "HEAD";
    // Any site may link to our pages; and if a key is required, a request without CORS carries none.
    if (isRead && (!isOpen || headers["sec-fetch-mode"] === "navigate")) return;
    throw refused(
      "Cross-site requests without an Origin header are not allowed; use fetch from an origin listed in ARRWDB_CORS_ORIGINS",
    );
  }
}
