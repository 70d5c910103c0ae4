import type { Store } from "../../store/store.ts";
import type { WebhookStore } from "../../store/webhook-store.ts";
import type { Monitor } from "../../telemetry/monitor.ts";
import { type AllowedNetworks, AddressPolicy } from "../../util/address-policy.ts";
import { WebhookDispatcher } from "./webhook-dispatcher.ts";
import { HttpCaller } from "./http-caller.ts";
import { Webhooks } from "./webhooks.ts";

export interface WebhookServiceSettings {
  readonly allowed: AllowedNetworks;
  /** Milliseconds within which the receiver must respond. */
  readonly timeout: number;
  /** Milliseconds before the second attempt. */
  readonly firstRetry: number;
  /** Milliseconds between two attempts, at most. */
  readonly longestDelay: number;
  /** Milliseconds of failure after which a webhook is disabled. */
  readonly disableAfter: number;
  /** Receives every call. */
  readonly monitor: Monitor;
  /** Called with errors of background work, which no caller awaits. */
  readonly onFault: (what: string, error: unknown) => void;
}

export interface WebhookService {
  readonly webhooks: Webhooks;
  readonly dispatcher: WebhookDispatcher;
}

/** Webhooks as the server starts and stops them, and as the transports see them. */
export function createWebhooks(store: Store, webhooks: WebhookStore, settings: WebhookServiceSettings): WebhookService {
  const policy = new AddressPolicy(settings.allowed);
  const caller = new HttpCaller(policy, settings.timeout, settings.monitor);
  const dispatcher = new WebhookDispatcher({
    store,
    webhooks,
    caller,
    backoff: { first: settings.firstRetry, longest: settings.longestDelay },
    disableAfter: settings.disableAfter,
    onFault: settings.onFault,
  });
  return { webhooks: new Webhooks({ store: webhooks, caller, policy }), dispatcher };
}
