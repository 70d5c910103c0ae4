import type { Access } from "../access/access.ts";
import type { ClientTimeouts } from "../listener/client-timeouts.ts";
import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Services } from "../core/services.ts";
import type { Monitor } from "../telemetry/monitor.ts";

export interface HttpSettings {
  /** The directory of the built console, if it exists. */
  readonly consoleDirectory: string;
  /** Where the pages of the guide are: that of `docs/` and `README.md`. */
  readonly projectDirectory: string;
  /** The directory in which long responses are spooled. */
  readonly spoolDirectory: string;
  /** Maximum of characters of results that one upload may spool. */
  readonly spoolLimit: number;
  /** Milliseconds that an upload may go without a byte read or written. */
  readonly stallTimeout: number;
  /** Maximum of requests in progress per address, before authentication. */
  readonly requestsPerAddress: number;
  /** How long clients are waited for. */
  readonly clientTimeouts: ClientTimeouts;
  /** Streams of events that may be open at the same time. */
  readonly maxStreams: number;
  /** Whether clients reach it over TLS. */
  readonly isSecure: boolean;
  /** Aborts when the server begins to stop, for work that would not end by itself. */
  readonly draining: AbortSignal;
  /** Aborts when the grace period of a stop is over. */
  readonly stopping: AbortSignal;
  /** Milliseconds from which on requests are logged as slow; undefined if none are. */
  readonly slowRequest: number | undefined;
}

/** Renders `/metrics`. */
export interface MetricsPage {
  readonly contentType: string;
  render(): Promise<string>;
}

/** The observable state of the HTTP server. */
export interface HttpState {
  requestsInProgress: number;
}

/** What every route is made from. */
export interface HttpContext {
  readonly services: Services;
  readonly access: Access;
  readonly settings: HttpSettings;
  /** Why the server is not ready, while it starts and stops; undefined if it is. */
  readonly refusal: () => ArrwError | undefined;
  readonly monitor: Monitor;
  readonly metrics: MetricsPage;
  readonly state: HttpState;
}
