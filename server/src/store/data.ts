import type { EmbeddingCache } from "../embedding/embedding-cache.ts";
import type { DataState } from "../telemetry/data-state.ts";
import type { AuditLog } from "./audit-log.ts";
import type { KeyStore } from "./key-store.ts";
import type { Store } from "./store.ts";
import type { WebhookStore } from "./webhook-store.ts";

/** Everything that a server keeps, as an adapter opens it: the core's store, and the ports of the chapters beside it. */
export interface Data extends Store {
  readonly keys: KeyStore & AuditLog;
  readonly webhooks: WebhookStore;
  readonly embeddings: EmbeddingCache;
  /** Resolves when searches are as fast as they were before the start; never rejects. */
  readonly recovered: Promise<void>;
  /**
   * Figures for metrics, in a bounded time. Never rejects; what did not answer in time is undefined.
   *
   * @param timeout milliseconds
   */
  state(timeout: number): Promise<DataState>;
}

/** What an adapter reports while it is open. */
export interface DataEvents {
  /** Called once if the data cannot be used any more though nobody closed them; what was acknowledged is safe. */
  readonly onEnd: (error: Error) => void;
  readonly onLog: (
    level: "info" | "warn" | "error",
    message: string,
    details: Readonly<Record<string, unknown>>,
  ) => void;
  /** Told what opening does now, if that takes long. */
  readonly onOpening: (step: string) => void;
}
