import type { Access } from "../access/access.ts";
import type { ClientTimeouts } from "../listener/client-timeouts.ts";
import type { ArrwError } from "@arrwdb/protocol/errors";
import type { Services } from "../core/services.ts";
import type { Monitor } from "../telemetry/monitor.ts";

export interface HttpSettings {
  /** Where the built console is, if it is there. */
  readonly consoleDirectory: string;
  /** Where the pages of the guide are: that of `docs/` and `README.md`. */
  readonly projectDirectory: string;
  /** Where long answers wait for their client. */
  readonly spoolDirectory: string;
  /** Characters of results that one upload may leave waiting there. */
  readonly spoolLimit: number;
  /** Milliseconds that an upload may go without a byte read or written. */
  readonly stallTimeout: number;
  /** Requests in progress of one address, before it is known whose they are. */
  readonly requestsPerAddress: number;
  /** How long clients are waited for. */
  readonly patience: ClientTimeouts;
  /** Streams of events that may be open at the same time. */
  readonly maxStreams: number;
  /** Whether it is reached over TLS. */
  readonly isSecure: boolean;
  /** Aborts when the server begins to stop, for what would go on by itself. */
  readonly draining: AbortSignal;
  /** Aborts when the server stops and has waited long enough for what was in progress. */
  readonly stopping: AbortSignal;
  /** Milliseconds from which on requests are logged as slow; undefined if none are. */
  readonly slowRequest: number | undefined;
}

/** What `/metrics` answers. */
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
