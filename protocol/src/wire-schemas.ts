import { z } from "zod";
import { eventPage, eventsQuery, eventStatistics, libraryEvent } from "./events.ts";
import { searchExplanation } from "./explanation.ts";
import { idempotencyKey, ingestionQuery, ingestionResponse, ingestionSummaryLine } from "./ingestion.ts";
import { actions, failureResponse, requestEnvelope, serverMessage, successResponse } from "./messages.ts";
import {
  createLibraryRequest,
  document,
  documentDeleted,
  documentInput,
  documentList,
  documentWritten,
  library,
  libraryDeleted,
  libraryList,
  pageQuery,
  patchLibraryRequest,
} from "./model.ts";
import { problem } from "./problem.ts";
import { libraryStatistics } from "./statistics.ts";
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
  problem,
  requestEnvelope,
  successResponse,
  failureResponse,
  libraryEvent,
  serverMessage,
  eventsQuery,
  eventPage,
  eventStatistics,
  searchAction: messagesOf(actions.search),
  addAction: messagesOf(actions.add),
  deleteAction: messagesOf(actions.delete),
  getAction: messagesOf(actions.get),
  subscribeAction: messagesOf(actions.subscribe),
  unsubscribeAction: messagesOf(actions.unsubscribe),
  joinAction: messagesOf(actions.join),
  leaveAction: messagesOf(actions.leave),
} as const;

/** One schema as JSON Schema, as a client must send it. */
export function toJsonSchema(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}
