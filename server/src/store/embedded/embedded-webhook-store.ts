import type { PageRequest } from "../page.ts";
import type { DeliveryReport, NewWebhook, WebhookPatch, WebhookStore } from "../webhook-store.ts";
import type { Operations } from "./writing/writer-messages.ts";
import type { ThreadClient } from "../engine/threads/thread-client.ts";

/** Webhooks through the writing thread, stored in the same database as the events they deliver. */
export class EmbeddedWebhookStore implements WebhookStore {
  readonly #writer: ThreadClient<Operations>;

  constructor(writer: ThreadClient<Operations>) {
    this.#writer = writer;
  }

  createWebhook(libraryId: string, webhook: NewWebhook) {
    return this.#writer.call("createWebhook", { libraryId, webhook });
  }

  getWebhook(libraryId: string, webhookId: string) {
    return this.#writer.call("getWebhook", { libraryId, webhookId });
  }

  listWebhooks(libraryId: string) {
    return this.#writer.call("listWebhooks", { libraryId });
  }

  allWebhooks(page: PageRequest) {
    return this.#writer.call("allWebhooks", page);
  }

  updateWebhook(libraryId: string, webhookId: string, patch: WebhookPatch) {
    return this.#writer.call("updateWebhook", { libraryId, webhookId, patch });
  }

  async deleteWebhook(libraryId: string, webhookId: string): Promise<void> {
    await this.#writer.call("deleteWebhook", { libraryId, webhookId });
  }

  async reportDeliveries(reports: readonly DeliveryReport[]): Promise<void> {
    await this.#writer.call("reportDeliveries", reports);
  }

  listDeliveries(libraryId: string, webhookId: string, page: PageRequest) {
    return this.#writer.call("listDeliveries", { libraryId, webhookId, page });
  }
}
