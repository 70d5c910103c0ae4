import { z } from "zod";
import { auditPage, auditQuery } from "./audit.ts";
import { eventPage, eventsQuery, eventStatistics, libraryEvent, streamEnded, streamPosition } from "./events.ts";
import { searchExplanation } from "./explanation.ts";
import { exportLine } from "./export.ts";
import { idempotencyKey, ingestionQuery, ingestionResponse, ingestionSummaryLine } from "./ingestion.ts";
import { apiKey, createKeyRequest, grant, keyCreated, keyList, keyRevoked, signedOut, signInRequest } from "./keys.ts";
import { actions, failureResponse, pingEnvelope, requestEnvelope, serverMessage, successResponse } from "./messages.ts";
import {
  createLibraryRequest,
  document,
  documentDeleted,
  documentInput,
  documentList,
  documentQuery,
  documentWritten,
  library,
  libraryDeleted,
  libraryList,
  pageQuery,
  patchLibraryRequest,
} from "./model.ts";
import { problem } from "./problem.ts";
import { health, readiness, serverDescription } from "./server.ts";
import { libraryStatistics } from "./statistics.ts";
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
} from "./webhooks.ts";
import { searchQuery, searchRequest, searchResponse, searchSummaryLine } from "./search.ts";

const messagesOf = ({ request, response }: { readonly request: z.ZodType; readonly response: z.ZodType }) =>
  z.object({ request, response });

/** Everything that goes over the wire, by name. */
export const wireSchemas = {
  createLibraryRequest,
  patchLibraryRequest,
  library,
  libraryList,
  libraryDeleted,
  pageQuery,
  documentInput,
  document,
  documentList,
  documentQuery,
  documentWritten,
  documentDeleted,
  idempotencyKey,
  ingestionQuery,
  ingestionResponse,
  ingestionSummaryLine,
  searchQuery,
  searchRequest,
  searchResponse,
  searchSummaryLine,
  searchExplanation,
  libraryStatistics,
  exportLine,
  problem,
  requestEnvelope,
  successResponse,
  failureResponse,
  libraryEvent,
  serverMessage,
  eventsQuery,
  eventPage,
  eventStatistics,
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
  streamEnded,
  streamPosition,
  serverDescription,
  health,
  readiness,
  createKeyRequest,
  apiKey,
  keyCreated,
  keyList,
  keyRevoked,
  grant,
  signInRequest,
  signedOut,
  auditQuery,
  auditPage,
  searchAction: messagesOf(actions.search),
  addAction: messagesOf(actions.add),
  deleteAction: messagesOf(actions.delete),
  getAction: messagesOf(actions.get),
  subscribeAction: messagesOf(actions.subscribe),
  unsubscribeAction: messagesOf(actions.unsubscribe),
  joinAction: messagesOf(actions.join),
  leaveAction: messagesOf(actions.leave),
  pingAction: messagesOf(actions.ping),
  pingEnvelope,
} as const;

/** One schema as JSON Schema, as a client must send it. What describes it to people is no part of the wire. */
export function toJsonSchema(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      delete jsonSchema.description;
    },
  });
}
