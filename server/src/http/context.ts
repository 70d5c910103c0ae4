import type { Access } from "../access/access.ts";
import type { Services } from "../core/services.ts";

export interface HttpSettings {
  /** Where the built console is, if it is there. */
  readonly consoleDirectory: string;
  /** Where long answers wait for their client. */
  readonly spoolDirectory: string;
  /** Characters of results that one upload may leave waiting there. */
  readonly spoolLimit: number;
  /** Milliseconds that an upload may go without a byte read or written. */
  readonly stallTimeout: number;
  /** Streams of events that may be open at the same time. */
  readonly maxStreams: number;
  /** Origins of pages of others that may use the server; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** Whether it is reached over TLS. */
  readonly isSecure: boolean;
  /** Aborts when the server begins to stop, for what would go on by itself. */
  readonly draining: AbortSignal;
  /** Aborts when the server stops and has waited long enough for what was in progress. */
  readonly stopping: AbortSignal;
}

/** What every route is made from. */
export interface HttpContext {
  readonly services: Services;
  readonly access: Access;
  readonly settings: HttpSettings;
  /** Whether requests can be served; false while starting and stopping. */
  readonly ready: () => boolean;
}
