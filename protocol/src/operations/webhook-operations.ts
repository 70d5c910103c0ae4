import { z } from "zod";
import { pageQuery } from "../model.ts";
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
} from "../webhooks.ts";
import { bodyErrors, libraryErrors, needlessBodyErrors, type Operation } from "./operation.ts";
import { ofLibrary } from "./subjects.ts";

const path = "/v1/libraries/{library_id}/webhooks";
const pathOfOne = `${path}/{webhook_id}` as const;

// What a webhook is told leaves the server, and its address may hold what only its owner should know.
const ofWebhooks = { ...ofLibrary, chapter: "Webhooks", scope: "admin" } as const;
const ofWebhook = { ...ofWebhooks, parameters: z.object({ library_id: uuid, webhook_id: uuid }) } as const;
const webhookErrors = [...libraryErrors, "webhook_not_found"] as const;
const json = (description: string, schema: z.ZodType) => ({ description, content: { "application/json": schema } });

export const webhookOperations = {
  createWebhook: {
    ...ofWebhooks,
    id: "createWebhook",
    method: "POST",
    path,
    summary: "Have an address called for events of a library",
    description:
      "The answer has the secret that calls are signed with, which is told only here. `events` and `metadata_filter` choose as those of a subscription do.",
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
    answers: { 200: json("All of them, in the order in which they were made", webhookList) },
    errors: libraryErrors,
  },
  getWebhook: {
    ...ofWebhook,
    id: "getWebhook",
    method: "GET",
    path: pathOfOne,
    summary: "Read a webhook's settings, how far it has come, and what is wrong with it",
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
      "What is left out stays as it is. A webhook that failed is tried again at once; one that was paused or disabled goes on where it was.",
    body: patchWebhookRequest,
    answers: { 200: json("The webhook as it is now", webhook) },
    errors: [...bodyErrors, ...webhookErrors, "webhook_address_refused", "storage_full"],
  },
  deleteWebhook: {
    ...ofWebhook,
    id: "deleteWebhook",
    method: "DELETE",
    path: pathOfOne,
    summary: "Delete a webhook with its history",
    answers: { 200: json("The webhook was deleted", webhookDeleted) },
    errors: [...needlessBodyErrors, ...webhookErrors, "storage_full"],
  },
  pingWebhook: {
    ...ofWebhook,
    id: "pingWebhook",
    method: "POST",
    path: `${pathOfOne}/ping`,
    summary: "Call a webhook once, to see whether it answers",
    description: "Whatever its status is. The answer tells how the call went; it is tried once.",
    answers: { 200: json("How the call went", webhookDelivery) },
    errors: [...needlessBodyErrors, ...webhookErrors, "storage_full"],
  },
  rotateWebhookSecret: {
    ...ofWebhook,
    id: "rotateWebhookSecret",
    method: "POST",
    path: `${pathOfOne}/rotate`,
    summary: "Give a webhook a new secret",
    description:
      "The answer has it, and it is told only here. Until `overlap_seconds` have passed, calls are signed with the secrets before, too.",
    body: rotateWebhookRequest,
    answers: { 200: json("The webhook, with its new secret", webhookWithSecret) },
    errors: [...bodyErrors, ...webhookErrors, "storage_full"],
  },
  redeliverWebhook: {
    ...ofWebhook,
    id: "redeliverWebhook",
    method: "POST",
    path: `${pathOfOne}/redeliver`,
    summary: "Let a webhook go on from another position",
    description:
      "Events after `from_seq` are told again, with the same `webhook-id` as before. A position ahead of the webhook's leaves events out.",
    body: redeliverWebhookRequest,
    answers: { 200: json("The webhook as it is now", webhook) },
    errors: [...bodyErrors, ...webhookErrors, "position_expired", "position_ahead", "storage_full"],
  },
  listWebhookDeliveries: {
    ...ofWebhook,
    id: "listWebhookDeliveries",
    method: "GET",
    path: `${pathOfOne}/deliveries`,
    summary: "List the last calls of a webhook, the newest first",
    query: pageQuery,
    answers: { 200: json("A page of calls", webhookDeliveryList) },
    errors: [...webhookErrors, "invalid_cursor"],
  },
} as const satisfies Record<string, Operation>;
