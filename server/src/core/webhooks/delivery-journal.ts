import { setTimeout as delay } from "node:timers/promises";
import type { DeliveryReport, WebhookStore } from "../../store/webhook-store.ts";

/** Milliseconds before retrying a store that failed. */
const retryDelay = 1_000;

interface JournalEntry {
  readonly report: DeliveryReport;
  readonly resolve: () => void;
}

/**
 * Makes the outcomes of calls durable. Reports that arrive while the store is busy are batched in one transaction. Each
 * webhook waits for its own report, so there are never more than there are webhooks.
 */
export class DeliveryJournal {
  readonly #store: WebhookStore;
  readonly #onFault: (what: string, error: unknown) => void;
  readonly #closing = new AbortController();
  #waiting: JournalEntry[] = [];
  #running: Promise<void> | undefined;

  constructor(store: WebhookStore, onFault: (what: string, error: unknown) => void) {
    this.#store = store;
    this.#onFault = onFault;
  }

  /** Resolves when the report is durable, or the journal closed before it could be. */
  write(report: DeliveryReport): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ report, resolve });
      this.#running ??= this.#run();
    });
  }

  /** Pending reports are still written, unless the store fails. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const entries = this.#waiting;
      this.#waiting = [];
      try {
        await this.#store.reportDeliveries(entries.map(({ report }) => report));
        for (const { resolve } of entries) resolve();
      } catch (error) {
        this.#onFault("webhook deliveries could not be recorded; retrying", error);
        if (this.#closing.signal.aborted) {
          for (const { resolve } of entries) resolve();
          continue;
        }
        this.#waiting = [...entries, ...this.#waiting];
        await delay(retryDelay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
    this.#running = undefined;
  }
}
