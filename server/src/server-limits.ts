import type { ReembeddingPatience } from "./core/reembedding/reembedding-job.ts";
import { type ClientTimeouts, defaultClientTimeouts } from "./listener/client-timeouts.ts";

/** Milliseconds that requests in progress have to finish before the server stops. */
export const drainTimeout = 15_000;

/** Bounds that no setting changes. Tests lower them. Times are in milliseconds. */
export interface ServerLimits {
  /** For how long clients are waited for. */
  readonly clientTimeouts: ClientTimeouts;
  /** That an upload, an export or an event stream may go without a byte read or written. */
  readonly stallTimeout: number;
  /** Milliseconds within which the reader of a WebSocket must read some of its queued messages. */
  readonly webSocketStallTimeout: number;
  /** Between pings of a WebSocket; a peer that misses two is dropped. */
  readonly heartbeatInterval: number;
  readonly maxWebSockets: number;
  readonly maxEventStreams: number;
  /** Maximum of characters of results that one upload may spool. */
  readonly spoolLimit: number;
  /** Bytes of lines that all uploads together hold between the socket and the disk. */
  readonly uploadBytes: number;
  /** Time-out for embedding a query. */
  readonly queryTimeout: number;
  /** How long a re-embedding waits for a model that fails temporarily. */
  readonly reembeddingPatience: ReembeddingPatience;
  /** Between two attempts to call a webhook, at most. */
  readonly webhookLongestDelay: number;
  /** Of failure after which a webhook is disabled. */
  readonly webhookDisableAfter: number;
}

export const defaultLimits: ServerLimits = {
  clientTimeouts: defaultClientTimeouts,
  stallTimeout: 60_000,
  webSocketStallTimeout: 30_000,
  heartbeatInterval: 30_000,
  maxWebSockets: 10_000,
  maxEventStreams: 10_000,
  spoolLimit: 1024 * 1024 * 1024,
  uploadBytes: 64 * 1024 * 1024,
  queryTimeout: 30_000,
  reembeddingPatience: { total: 10 * 60_000, first: 1_000, longest: 60_000 },
  webhookLongestDelay: 60 * 60 * 1000,
  webhookDisableAfter: 5 * 24 * 60 * 60 * 1000,
};
