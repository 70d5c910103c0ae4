import { limits } from "@arrwdb/protocol/limits";
import { type Agent, type Dispatcher, request } from "undici";
import { retryAfterOf } from "./backoff.ts";
import type { Monitor } from "../../telemetry/monitor.ts";
import type { AddressPolicy } from "../../util/address-policy.ts";
import type { WebhookCaller, CallOutcome, Receiver } from "./webhook-caller.ts";
import { explain } from "./call-error.ts";
import { createGuardedAgent } from "./guarded-agent.ts";
import type { Message } from "./webhook-message.ts";
import { signedHeaders } from "./webhook-signature.ts";

/** Maximum of response bytes read; the connection is reused only if the response is no longer. */
const answerBytes = 4 * 1024;
/** Time-out in milliseconds for a response's body, as its status has decided already. */
const bodyTimeout = 2_000;
const gone = 410;

/** Calls over HTTP. */
export class HttpCaller implements WebhookCaller {
  readonly #agent: Agent;
  readonly #timeout: number;
  readonly #monitor: Monitor;

  /** @param timeout milliseconds within which the receiver must respond */
  constructor(policy: AddressPolicy, timeout: number, monitor: Monitor) {
    this.#monitor = monitor;
    this.#agent = createGuardedAgent(policy, timeout);
    this.#timeout = timeout;
  }

  async call(receiver: Receiver, message: Message, attempt: number, signal: AbortSignal): Promise<CallOutcome> {
    const outcome = await this.#call(receiver, message, attempt, signal);
    const { delivered, status_code, duration_ms } = outcome.delivery;
    const kind = delivered ? "delivered" : status_code === null ? "unreachable" : "refused";
    this.#monitor.webhookCalled(kind, duration_ms / 1_000);
    return outcome;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #call(receiver: Receiver, message: Message, attempt: number, signal: AbortSignal): Promise<CallOutcome> {
    const now = new Date();
    const begun = performance.now();
    const outcome = (statusCode: number | null, error: string | null, answer: string | null): CallOutcome => ({
      delivery: {
        message_id: message.id,
        type: message.type,
        seq: message.seq,
        attempt,
        attempted_at: now.toISOString(),
        duration_ms: Math.round((performance.now() - begun) * 10) / 10,
        delivered: error === null,
        status_code: statusCode,
        error: error === null ? null : error.slice(0, limits.webhookDeliveryText),
        answer,
      },
      retryAfter: undefined,
      gone: false,
    });
    try {
      const response = await this.#request(receiver, message, now, signal);
      const { statusCode, headers } = response;
      const answer = await beginningOf(response.body);
      const retryAfter = headers["retry-after"];
      return {
        ...outcome(statusCode, faultOf(statusCode), answer),
        retryAfter: retryAfterOf(typeof retryAfter === "string" ? retryAfter : undefined, answeredAt(headers["date"])),
        gone: statusCode === gone,
      };
    } catch (error) {
      signal.throwIfAborted();
      return outcome(null, explain(error, this.#timeout), null);
    }
  }

  #request({ url, secrets }: Receiver, { id, body }: Message, now: Date, signal: AbortSignal) {
    return request(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "arrwDB-webhooks",
        ...signedHeaders(id, body, secrets, now),
      },
      body,
      dispatcher: this.#agent,
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeout)]),
    });
  }
}

/** Why a response with this status is a failure; null for success. */
function faultOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `The receiver responded with ${status}; redirects are not followed`;
  return `The receiver responded with ${status}`;
}

/** The beginning of a body, truncated at the limit, at the time-out, or where it breaks off. */
async function beginningOf(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => body.destroy(), bodyTimeout);
  try {
    for await (const part of body) {
      const read = Buffer.from(part);
      parts.push(read);
      bytes += read.length;
      if (bytes > answerBytes) break;
    }
  } catch {
    // The status has arrived, and only it counts.
  } finally {
    clearTimeout(timer);
  }
  const text = Buffer.concat(parts).toString("utf8", 0, answerBytes);
  return text.slice(0, limits.webhookDeliveryText).toWellFormed().replaceAll("\u0000", "");
}

/** When the receiver answered, by its own clock if it sent a `Date`, because `Retry-After` dates are relative to that. */
function answeredAt(date: string | string[] | undefined): Date {
  const time = typeof date === "string" ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? new Date() : new Date(time);
}
