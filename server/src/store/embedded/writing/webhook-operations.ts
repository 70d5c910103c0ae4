import type { Page, PageRequest } from "../../page.ts";
import type { DeliveryReport, NewWebhook, StoredWebhook, WebhookPatch, WebhookStore } from "../../webhook-store.ts";

type WebhookAnswer<Method extends keyof WebhookStore> = Awaited<ReturnType<WebhookStore[Method]>>;

interface Subject {
  readonly libraryId: string;
  readonly webhookId: string;
}

/** Webhook operations of the writing thread. */
export interface WebhookOperations {
  createWebhook: { take: { libraryId: string; webhook: NewWebhook }; give: WebhookAnswer<"createWebhook"> };
  updateWebhook: { take: Subject & { patch: WebhookPatch }; give: WebhookAnswer<"updateWebhook"> };
  deleteWebhook: { take: Subject; give: undefined };
  reportDeliveries: { take: readonly DeliveryReport[]; give: undefined };
  getWebhook: { take: Subject; give: WebhookAnswer<"getWebhook"> };
  listWebhooks: { take: { libraryId: string }; give: WebhookAnswer<"listWebhooks"> };
  allWebhooks: { take: PageRequest; give: Page<StoredWebhook> };
  listDeliveries: { take: Subject & { page: PageRequest }; give: WebhookAnswer<"listDeliveries"> };
}

export const webhookWrites = ["createWebhook", "updateWebhook", "deleteWebhook", "reportDeliveries"] as const;
