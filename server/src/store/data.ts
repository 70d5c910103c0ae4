import type { EmbeddingCache } from "../embedding/embedding-cache.ts";
import type { DataState } from "../telemetry/data-state.ts";
import type { AuditLog } from "./audit-log.ts";
import type { KeyStore } from "./key-store.ts";
import type { Store } from "./store.ts";
import type { WebhookStore } from "./webhook-store.ts";

/** Everything an adapter opens: the core's store, and the other ports beside it. */
export interface Data extends Store {
  readonly keys: KeyStore & AuditLog;
  readonly webhooks: WebhookStore;
  readonly embeddings: EmbeddingCache;
  /** Resolves when indexes are loaded and searches run at full speed; never rejects. */
  readonly recovered: Promise<void>;
  /**
   * Figures for metrics, within a time limit. Never rejects; figures that were not available in time are undefined.
   *
   * @param timeout milliseconds
   */
  state(timeout: number): Promise<DataState>;
}

/** Callbacks of an open adapter. */
export interface DataEvents {
  /** Called once if the data become unusable without having been closed; acknowledged writes are safe. */
  readonly onEnd: (error: Error) => void;
  readonly onLog: (
    level: "info" | "warn" | "error",
    message: string,
    details: Readonly<Record<string, unknown>>,
  ) => void;
  /** Called with the current step if opening takes long. */
  readonly onOpening: (step: string) => void;
}
