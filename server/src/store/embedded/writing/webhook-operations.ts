import type { PageRequest } from "../../page.ts";
import type { DeliveryReport, NewWebhook, WebhookPatch, WebhookStore } from "../../webhook-store.ts";

type Answer<Method extends keyof WebhookStore> = Awaited<ReturnType<WebhookStore[Method]>>;

interface Subject {
  readonly libraryId: string;
  readonly webhookId: string;
}

/** What the writing thread does for webhooks. */
export interface WebhookOperations {
  createWebhook: { take: { libraryId: string; webhook: NewWebhook }; give: Answer<"createWebhook"> };
  updateWebhook: { take: Subject & { patch: WebhookPatch }; give: Answer<"updateWebhook"> };
  deleteWebhook: { take: Subject; give: undefined };
  reportDeliveries: { take: readonly DeliveryReport[]; give: undefined };
  getWebhook: { take: Subject; give: Answer<"getWebhook"> };
  listWebhooks: { take: { libraryId: string }; give: Answer<"listWebhooks"> };
  allWebhooks: { take: PageRequest; give: Answer<"allWebhooks"> };
  listDeliveries: { take: Subject & { page: PageRequest }; give: Answer<"listDeliveries"> };
}

export const webhookWrites = ["createWebhook", "updateWebhook", "deleteWebhook", "reportDeliveries"] as const;
