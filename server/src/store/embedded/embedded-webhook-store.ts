import type { PageRequest } from "../page.ts";
import type { WebhookHolder, WebhookLease } from "../webhook-lease.ts";
import type { DeliveryReport, NewWebhook, WebhookPatch, WebhookStore } from "../webhook-store.ts";
import type { Operations } from "./writing/writer-messages.ts";
import type { ThreadClient } from "../engine/threads/thread-client.ts";

const pageSize = 1_000;

/** Webhooks through the writing thread, stored in the same database as the events they deliver. */
export class EmbeddedWebhookStore implements WebhookStore {
  readonly #writer: ThreadClient<Operations>;
  /** Holds all of them, as there is no other process. */
  #holder: WebhookHolder | undefined;

  constructor(writer: ThreadClient<Operations>) {
    this.#writer = writer;
  }

  async createWebhook(libraryId: string, webhook: NewWebhook) {
    const created = await this.#writer.call("createWebhook", { libraryId, webhook });
    this.#holder?.put(created);
    return created;
  }

  getWebhook(libraryId: string, webhookId: string) {
    return this.#writer.call("getWebhook", { libraryId, webhookId });
  }

  listWebhooks(libraryId: string) {
    return this.#writer.call("listWebhooks", { libraryId });
  }

  async hold(holder: WebhookHolder): Promise<WebhookLease> {
    this.#holder = holder;
    for (let cursor: string | undefined; ;) {
      const { items, nextCursor } = await this.#writer.call("allWebhooks", { limit: pageSize, cursor });
      for (const webhook of items) holder.put(webhook);
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    const takeNoMore = () => {
      this.#holder = undefined;
    };
    return { isValid: true, takeNoMore, end: async () => takeNoMore() };
  }

  async updateWebhook(libraryId: string, webhookId: string, patch: WebhookPatch) {
    const updated = await this.#writer.call("updateWebhook", { libraryId, webhookId, patch });
    this.#holder?.put(updated);
    return updated;
  }

  async deleteWebhook(libraryId: string, webhookId: string): Promise<void> {
    await this.#writer.call("deleteWebhook", { libraryId, webhookId });
    this.#holder?.remove(webhookId);
  }

  async reportDeliveries(reports: readonly DeliveryReport[]): Promise<void> {
    await this.#writer.call("reportDeliveries", reports);
  }

  listDeliveries(libraryId: string, webhookId: string, page: PageRequest) {
    return this.#writer.call("listDeliveries", { libraryId, webhookId, page });
  }
}
