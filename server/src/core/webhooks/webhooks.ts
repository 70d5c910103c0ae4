import { ArrwError } from "@arrwdb/protocol/errors/errors";
import {
  type CreateWebhookRequest,
  normalAddress,
  type PatchWebhookRequest,
  type Webhook,
  type WebhookDelivery,
  type WebhookWithSecret,
} from "@arrwdb/protocol/events/webhooks";
import type { Page, PageRequest } from "../../store/page.ts";
import type { StoredWebhook, WebhookPatch, WebhookStore } from "../../store/webhook-store.ts";
import type { AddressPolicy } from "../../util/address-policy.ts";
import type { WebhookCaller } from "./webhook-caller.ts";
import { pingMessage } from "./webhook-message.ts";
import { current, newSecret } from "./webhook-secret.ts";

/** Tests of webhooks that may be in progress at the same time. */
const concurrentPings = 16;

interface WebhooksParts {
  readonly store: WebhookStore;
  readonly caller: WebhookCaller;
  readonly policy: AddressPolicy;
}

/** Makes, reads, changes and tests webhooks. */
export class Webhooks {
  readonly #parts: WebhooksParts;
  #pings = 0;

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
  }

  /**
   * @param owner the id of the key that it ends with, or null
   * @throws ArrwError `webhook_address_refused`, and as `WebhookStore.createWebhook`
   */
  async create(libraryId: string, request: CreateWebhookRequest, owner: string | null): Promise<WebhookWithSecret> {
    this.#checkAddress(request.url);
    const secret = newSecret(new Date());
    const webhook = await this.#parts.store.createWebhook(libraryId, {
      url: normalAddress(request.url),
      description: request.description ?? null,
      events: request.events ?? null,
      filter: request.metadata_filter ?? null,
      secrets: [secret],
      fromSeq: request.from_seq,
      owner,
    });
    return { ...toWire(webhook), secret: secret.secret };
  }

  async list(libraryId: string): Promise<readonly Webhook[]> {
    return (await this.#parts.store.listWebhooks(libraryId)).map(toWire);
  }

  async get(libraryId: string, webhookId: string): Promise<Webhook> {
    return toWire(await this.#parts.store.getWebhook(libraryId, webhookId));
  }

  /** @param owner the id of the key that it ends with from now on, or null */
  async update(
    libraryId: string,
    webhookId: string,
    request: PatchWebhookRequest,
    owner: string | null,
  ): Promise<Webhook> {
    if (request.url !== undefined) this.#checkAddress(request.url);
    const { description, events, metadata_filter: filter, status } = request;
    const url = request.url === undefined ? undefined : normalAddress(request.url);
    return toWire(await this.#change(libraryId, webhookId, { url, description, events, filter, status, owner }));
  }

  async delete(libraryId: string, webhookId: string): Promise<void> {
    await this.#parts.store.deleteWebhook(libraryId, webhookId);
  }

  /** @param overlap seconds that the secrets before go on to sign */
  async rotate(libraryId: string, webhookId: string, overlap: number): Promise<WebhookWithSecret> {
    const now = new Date();
    const newest = newSecret(now);
    const othersExpireAt = new Date(now.getTime() + overlap * 1000).toISOString();
    const webhook = await this.#change(libraryId, webhookId, { rotation: { newest, othersExpireAt } });
    return { ...toWire(webhook), secret: newest.secret };
  }

  /** @throws ArrwError `position_expired`, `position_ahead` */
  async redeliver(libraryId: string, webhookId: string, fromSeq: number): Promise<Webhook> {
    return toWire(await this.#change(libraryId, webhookId, { seq: fromSeq }));
  }

  /** Calls once, and returns the outcome. */
  async ping(libraryId: string, webhookId: string, signal: AbortSignal): Promise<WebhookDelivery> {
    if (this.#pings >= concurrentPings) {
      throw new ArrwError("overloaded", `${concurrentPings} webhook tests are in progress already; retry later`, {
        retryAfter: 1,
      });
    }
    this.#pings++;
    try {
      const webhook = await this.#parts.store.getWebhook(libraryId, webhookId);
      const { delivery } = await this.#parts.caller.call(webhook, pingMessage(webhook, new Date()), 1, signal);
      await this.#parts.store.reportDeliveries([
        {
          libraryId,
          webhookId,
          // A ping reports one attempt, and changes nothing else.
          course: -1,
          revision: -1,
          epoch: -1,
          seq: webhook.seq,
          failure: null,
          lastSuccessAt: undefined,
          disabled: undefined,
          attempts: [delivery],
        },
      ]);
      return delivery;
    } finally {
      this.#pings--;
    }
  }

  deliveries(libraryId: string, webhookId: string, page: PageRequest): Promise<Page<WebhookDelivery>> {
    return this.#parts.store.listDeliveries(libraryId, webhookId, page);
  }

  #change(libraryId: string, webhookId: string, patch: WebhookPatch): Promise<StoredWebhook> {
    return this.#parts.store.updateWebhook(libraryId, webhookId, patch);
  }

  #checkAddress(url: string): void {
    const { hostname } = new URL(url);
    if (this.#parts.policy.mayAllow(hostname)) return;
    const message = `url: ${hostname} is in a network that this server does not call; its operator can allow it with ARRWDB_WEBHOOK_ALLOW_PRIVATE`;
    throw new ArrwError("webhook_address_refused", message, { field: "url" });
  }
}

/** All but the secrets themselves. */
function toWire(webhook: StoredWebhook): Webhook {
  const { failure } = webhook;
  return {
    id: webhook.id,
    library_id: webhook.libraryId,
    url: webhook.url,
    description: webhook.description,
    events: webhook.events === null ? null : [...webhook.events],
    metadata_filter: webhook.filter,
    status: webhook.status,
    status_reason: webhook.statusReason,
    seq: webhook.seq,
    failure:
      failure === null
        ? null
        : {
            since: failure.since,
            attempts: failure.attempts,
            error: failure.error,
            next_attempt_at: failure.nextAttemptAt,
          },
    last_success_at: webhook.lastSuccessAt,
    secrets: current(webhook.secrets, new Date()).map(({ createdAt, expiresAt }) => ({
      created_at: createdAt,
      expires_at: expiresAt,
    })),
    created_at: webhook.createdAt,
    updated_at: webhook.updatedAt,
  };
}
