import {
  createWebhookRequest,
  patchWebhookRequest,
  redeliverWebhookRequest,
  rotateWebhookRequest,
  webhook,
  webhookDeleted,
  webhookDelivery,
  webhookDeliveryList,
  webhookGap,
  webhookList,
  webhookPing,
  webhookWithSecret,
} from "../../events/webhooks.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

const time = "2026-11-25T10:00:00.000Z";
const exampleWebhook = {
  id: shown.webhookId,
  library_id: shown.libraryId,
  url: "https://example.com/hooks",
  description: "Notifies the shop",
  events: ["document.added" as const],
  metadata_filter: { author: "Ada" },
  status: "active" as const,
  status_reason: null,
  seq: 41,
  failure: {
    since: time,
    attempts: 3,
    error: "The receiver responded with 503",
    next_attempt_at: "2026-11-25T10:00:07.000Z",
  },
  last_success_at: null,
  secrets: [{ created_at: time, expires_at: null }],
  created_at: time,
  updated_at: time,
};
const exampleDelivery = {
  message_id: `evt_${shown.libraryId}_42`,
  type: "document.added",
  seq: 42,
  attempt: 3,
  attempted_at: "2026-11-25T10:00:03.000Z",
  duration_ms: 12.5,
  delivered: false,
  status_code: 503,
  error: "The receiver responded with 503",
  answer: "maintenance",
};

export const webhookSchemas: readonly SchemaEntry[] = [
  entry({
    wire: "createWebhookRequest",
    name: "CreateWebhook",
    schema: createWebhookRequest,
    example: {
      url: exampleWebhook.url,
      description: exampleWebhook.description,
      events: exampleWebhook.events,
      metadata_filter: exampleWebhook.metadata_filter,
    },
  }),
  entry({
    wire: "patchWebhookRequest",
    name: "PatchWebhook",
    schema: patchWebhookRequest,
    example: { status: "paused" },
  }),
  entry({
    wire: "redeliverWebhookRequest",
    name: "RedeliverWebhook",
    schema: redeliverWebhookRequest,
    example: { from_seq: 40 },
  }),
  entry({
    wire: "rotateWebhookRequest",
    name: "RotateWebhook",
    schema: rotateWebhookRequest,
    example: { overlap_seconds: 3_600 },
  }),
  entry({ wire: "webhook", name: "Webhook", schema: webhook, example: exampleWebhook }),
  entry({
    wire: "webhookDeleted",
    name: "WebhookDeleted",
    schema: webhookDeleted,
    example: { deleted: true, id: shown.webhookId },
  }),
  entry({ wire: "webhookDelivery", name: "WebhookDelivery", schema: webhookDelivery, example: exampleDelivery }),
  entry({
    wire: "webhookDeliveryList",
    name: "WebhookDeliveryList",
    schema: webhookDeliveryList,
    example: { deliveries: [exampleDelivery], next_cursor: null },
  }),
  entry({ wire: "webhookGap", schema: webhookGap }),
  entry({ wire: "webhookList", name: "WebhookList", schema: webhookList, example: { webhooks: [exampleWebhook] } }),
  entry({ wire: "webhookPing", schema: webhookPing }),
  entry({
    wire: "webhookWithSecret",
    name: "WebhookWithSecret",
    schema: webhookWithSecret,
    example: { ...exampleWebhook, failure: null, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=" },
  }),
];
