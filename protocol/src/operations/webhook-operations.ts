import { z } from "zod";
import { pageQuery } from "../documents/model.ts";
import { uuid } from "../text.ts";
import {
  createWebhookRequest,
  patchWebhookRequest,
  redeliverWebhookRequest,
  rotateWebhookRequest,
  webhook,
  webhookDeleted,
  webhookDelivery,
  webhookDeliveryList,
  webhookList,
  webhookWithSecret,
} from "../events/webhooks.ts";
import { bodyErrors, libraryErrors, needlessBodyErrors, type Operation } from "./operation.ts";
import { libraryId, ofLibrary } from "./subjects.ts";

const path = "/v1/libraries/{library_id}/webhooks";
const pathOfOne = `${path}/{webhook_id}` as const;

// Events sent to a webhook leave the server, and its address may contain a secret.
const ofWebhooks = { ...ofLibrary, chapter: "Webhooks", scope: "admin" } as const;
const ofWebhook = {
  ...ofWebhooks,
  parameters: z.object({ library_id: libraryId, webhook_id: uuid.describe("The id of the webhook") }),
} as const;
const webhookErrors = [...libraryErrors, "webhook_not_found"] as const;
const json = (description: string, schema: z.ZodType) => ({ description, content: { "application/json": schema } });

export const webhookOperations = {
  createWebhook: {
    ...ofWebhooks,
    id: "createWebhook",
    method: "POST",
    path,
    summary: "Create a webhook for events of a library",
    description:
      "The response has the secret that calls are signed with; it is returned only here. `events` and `metadata_filter` select events as in a subscription.",
    body: createWebhookRequest,
    answers: {
      201: {
        ...json("The new webhook, with its secret", webhookWithSecret),
        headers: { location: "The path of the new webhook" },
      },
    },
    errors: [
      ...bodyErrors,
      ...libraryErrors,
      "webhook_address_refused",
      "too_many_webhooks",
      "position_expired",
      "position_ahead",
      "storage_full",
    ],
  },
  listWebhooks: {
    ...ofWebhooks,
    id: "listWebhooks",
    method: "GET",
    path,
    summary: "List the webhooks of a library",
    answers: { 200: json("All webhooks, in order of creation", webhookList) },
    errors: libraryErrors,
  },
  getWebhook: {
    ...ofWebhook,
    id: "getWebhook",
    method: "GET",
    path: pathOfOne,
    summary: "Get a webhook's settings, position and failure",
    answers: { 200: json("The webhook", webhook) },
    errors: webhookErrors,
  },
  updateWebhook: {
    ...ofWebhook,
    id: "updateWebhook",
    method: "PATCH",
    path: pathOfOne,
    summary: "Change, pause or resume a webhook",
    description:
      "Omitted fields stay unchanged. A failing webhook is retried at once; a paused or disabled one continues from its position.",
    body: patchWebhookRequest,
    answers: { 200: json("The updated webhook", webhook) },
    errors: [...bodyErrors, ...webhookErrors, "webhook_address_refused", "storage_full"],
  },
  deleteWebhook: {
    ...ofWebhook,
    id: "deleteWebhook",
    method: "DELETE",
    path: pathOfOne,
    summary: "Delete a webhook and its history",
    answers: { 200: json("The webhook was deleted", webhookDeleted) },
    errors: [...needlessBodyErrors, ...webhookErrors, "storage_full"],
  },
  pingWebhook: {
    ...ofWebhook,
    id: "pingWebhook",
    method: "POST",
    path: `${pathOfOne}/ping`,
    summary: "Send a test call to a webhook",
    description: "Works regardless of its status. The response has the outcome of the call, which is not retried.",
    answers: { 200: json("The outcome of the call", webhookDelivery) },
    errors: [...needlessBodyErrors, ...webhookErrors, "storage_full"],
  },
  rotateWebhookSecret: {
    ...ofWebhook,
    id: "rotateWebhookSecret",
    method: "POST",
    path: `${pathOfOne}/rotate`,
    summary: "Rotate a webhook's secret",
    description:
      "The response has the new secret; it is returned only here. Until `overlap_seconds` have passed, calls are also signed with the previous secrets.",
    body: rotateWebhookRequest,
    answers: { 200: json("The webhook with its new secret", webhookWithSecret) },
    errors: [...bodyErrors, ...webhookErrors, "storage_full"],
  },
  redeliverWebhook: {
    ...ofWebhook,
    id: "redeliverWebhook",
    method: "POST",
    path: `${pathOfOne}/redeliver`,
    summary: "Set a webhook's position",
    description:
      "Events after `from_seq` are sent again, with the same `webhook-id` as before. A position ahead of the webhook's skips events.",
    body: redeliverWebhookRequest,
    answers: { 200: json("The updated webhook", webhook) },
    errors: [...bodyErrors, ...webhookErrors, "position_expired", "position_ahead", "storage_full"],
  },
  listWebhookDeliveries: {
    ...ofWebhook,
    id: "listWebhookDeliveries",
    method: "GET",
    path: `${pathOfOne}/deliveries`,
    summary: "List the last calls of a webhook, newest first",
    query: pageQuery,
    answers: { 200: json("A page of calls", webhookDeliveryList) },
    errors: [...webhookErrors, "invalid_cursor"],
  },
} as const satisfies Record<string, Operation>;
