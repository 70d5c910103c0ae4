import { deliveredEvent, libraryEvent, subscriptionEnded, subscriptionProgress } from "../../events/events.ts";
import { searchUpdated } from "../../websocket/live.ts";
import { failureResponse, requestEnvelope, serverMessage, successResponse } from "../../websocket/messages.ts";
import { problem } from "../../errors/problem.ts";
import {
  participant,
  sessionJoined,
  sessionLeft,
  sessionSearch,
  sessionState,
  sharedSearch,
} from "../../websocket/sessions.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const messageSchemas: readonly SchemaEntry[] = [
  entry({
    wire: "problem",
    name: "Problem",
    schema: problem,
    example: {
      type: "urn:arrwdb:error:library_not_found",
      title: "There is no library with this id.",
      status: 404,
      detail: `There is no library ${shown.libraryId}`,
      instance: "urn:arrwdb:request:01a2089b-19ee-76e8-943f-da7d9f19582b",
      request_id: "01a2089b-19ee-76e8-943f-da7d9f19582b",
      code: "library_not_found",
      retryable: false,
    },
  }),
  entry({ wire: "requestEnvelope", schema: requestEnvelope }),
  entry({ wire: "successResponse", schema: successResponse }),
  entry({
    wire: "failureResponse",
    name: "FailureResponse",
    schema: failureResponse,
    example: {
      type: "response",
      request_id: "s1",
      success: false,
      data: null,
      error: "k: must be at least 1",
      error_code: "validation_failed",
      field: "k",
      retryable: false,
    },
  }),
  entry({ wire: "libraryEvent", name: "LibraryEvent", schema: libraryEvent, example: shown.event }),
  entry({ wire: "serverMessage", schema: serverMessage }),
  // Parts of the others.
  entry({
    name: "DeliveredEvent",
    schema: deliveredEvent,
    example: { ...shown.event, subscription_ids: [shown.subscriptionId] },
  }),
  entry({
    name: "SubscriptionProgress",
    schema: subscriptionProgress,
    example: {
      type: "subscription.progress",
      subscription_id: shown.subscriptionId,
      library_id: shown.libraryId,
      seq: 9,
    },
  }),
  entry({
    name: "SubscriptionEnded",
    schema: subscriptionEnded,
    example: {
      type: "subscription.ended",
      subscription_id: shown.subscriptionId,
      library_id: shown.libraryId,
      error: shown.expired.error,
      error_code: "position_expired",
      retryable: false,
      earliest_seq: 40,
    },
  }),
  entry({
    name: "SearchUpdated",
    schema: searchUpdated,
    example: {
      type: "search.updated",
      subscription_id: shown.subscriptionId,
      library_id: shown.libraryId,
      seq: 2,
      entered: [shown.socketHit],
      left: [],
      moved: [],
      changed: [],
      results: [shown.socketHit],
      total: 1,
      exact: true,
    },
  }),
  entry({
    name: "SessionSearch",
    schema: sessionSearch,
    example: {
      type: "session.search",
      ...shown.room,
      request_id: "s7",
      success: true,
      data: shown.sharedSearch,
      error: null,
    },
  }),
  entry({
    name: "SessionJoined",
    schema: sessionJoined,
    example: { type: "session.joined", ...shown.room, participant: shown.participant, num_participants: 2 },
  }),
  entry({
    name: "SessionLeft",
    schema: sessionLeft,
    example: { type: "session.left", ...shown.room, participant: shown.participant, num_participants: 1 },
  }),
  entry({
    name: "SessionState",
    schema: sessionState,
    example: { type: "session.state", ...shown.room, participants: [shown.participant] },
  }),
  entry({ name: "SharedSearch", schema: sharedSearch }),
  entry({ name: "Participant", schema: participant }),
];
