import type { WebhookDelivery } from "@arrwdb/protocol/events/webhooks";
import type { WebhookSecret } from "../../store/webhook-store.ts";
import type { Message } from "./webhook-message.ts";

export interface Receiver {
  readonly url: string;
  readonly secrets: readonly WebhookSecret[];
}

/** How a call went. */
export interface CallOutcome {
  readonly delivery: WebhookDelivery;
  /** Milliseconds that the receiver requested as a pause. */
  readonly retryAfter: number | undefined;
  /** The receiver responded 410: it wants no more calls. */
  readonly gone: boolean;
}

/** Makes calls. */
export interface WebhookCaller {
  /**
   * Calls once, with a time-out and a limit on the response read. A failure is an outcome, not an error.
   *
   * @param attempt from 1
   * @throws the signal's reason
   */
  call(receiver: Receiver, message: Message, attempt: number, signal: AbortSignal): Promise<CallOutcome>;
  close(): Promise<void>;
}
