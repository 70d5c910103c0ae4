import type { StoredWebhook } from "./webhook-store.ts";

/** Who delivers the events of webhooks, as its store tells it which. */
export interface WebhookHolder {
  /** It is to be delivered from now on, or was changed. What is told late has an earlier revision. */
  put(webhook: StoredWebhook): void;
  /** It was deleted, or another process has taken it over: calls end at once. */
  remove(webhookId: string): void;
  /** Another process is to have it. Resolves when no call is in progress, and all are reported. */
  giveUp(webhookId: string): Promise<void>;
  /** The lease may not be valid any more: calls in progress end at once. */
  lapse(): void;
  /** The lease is valid again. */
  resume(): void;
}

/** The right to deliver the webhooks that a holder was given. */
export interface WebhookLease {
  /** Whether a call may begin; asked before each, as a process that was paused may have lost it. */
  readonly isValid: boolean;
  /** The holder is given no more webhooks. */
  takeNoMore(): void;
  /** Others may have them from now on; no call may be in progress. */
  end(): Promise<void>;
}
