import { z } from "zod";
import { actions, pingEnvelope } from "../../websocket/messages.ts";
import {
  liveQueryRequest,
  liveHit,
  socketFoundHit,
  socketRankedHit,
  socketSearchResponse,
} from "../../search/search.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

/** The input and output of an action as one schema. */
const messages = ({ request, response }: { readonly request: z.ZodType; readonly response: z.ZodType }) =>
  z.object({ request, response });

export const actionSchemas: readonly SchemaEntry[] = [
  entry({ wire: "searchAction", schema: messages(actions.search) }),
  entry({ wire: "addAction", schema: messages(actions.add) }),
  entry({ wire: "patchAction", schema: messages(actions.patch) }),
  entry({ wire: "deleteAction", schema: messages(actions.delete) }),
  entry({ wire: "getAction", schema: messages(actions.get) }),
  entry({ wire: "listAction", schema: messages(actions.list) }),
  entry({ wire: "countAction", schema: messages(actions.count) }),
  entry({ wire: "subscribeAction", schema: messages(actions.subscribe) }),
  entry({ wire: "unsubscribeAction", schema: messages(actions.unsubscribe) }),
  entry({ wire: "joinAction", schema: messages(actions.join) }),
  entry({ wire: "leaveAction", schema: messages(actions.leave) }),
  entry({ wire: "pingAction", schema: messages(actions.ping) }),
  entry({ wire: "pingEnvelope", schema: pingEnvelope }),
  // Parts of the others.
  entry({
    name: "SocketSearch",
    schema: actions.search.request,
    example: {
      query_text: "how do I get a bill",
      k: 5,
      threshold: 1.2,
      metadata_filter: { author: "Ada" },
      facets: ["author"],
    },
  }),
  entry({
    name: "SocketSearchResponse",
    schema: socketSearchResponse,
    example: { results: [shown.socketHit], ...shown.answer, facets: { author: shown.facets.author } },
  }),
  entry({ name: "SocketSearchHit", schema: liveHit }),
  entry({ name: "SocketRankedHit", schema: socketFoundHit }),
  entry({ name: "RoomHit", schema: socketRankedHit }),
  entry({ name: "LiveQuery", schema: liveQueryRequest }),
  entry({
    name: "Subscribe",
    schema: actions.subscribe.request,
    example: { from_seq: 1, events: ["document.added", "document.deleted"], metadata_filter: { author: "Ada" } },
  }),
  entry({
    name: "Subscribed",
    schema: actions.subscribe.response,
    example: { subscription_id: shown.subscriptionId, seq: 1, events: ["document.added", "document.deleted"] },
  }),
  entry({
    name: "Unsubscribe",
    schema: actions.unsubscribe.request,
    example: { subscription_id: shown.subscriptionId },
  }),
  entry({
    name: "Unsubscribed",
    schema: actions.unsubscribe.response,
    example: { unsubscribed: true, subscription_id: shown.subscriptionId, seq: 3 },
  }),
  entry({ name: "Join", schema: actions.join.request, example: { session_id: "room-7", name: "Ada" } }),
  entry({
    name: "Joined",
    schema: actions.join.response,
    example: {
      session_id: "room-7",
      library_id: shown.libraryId,
      participant_id: shown.participantId,
      participants: [shown.participant],
      last_search: null,
      seq: 4,
    },
  }),
  entry({ name: "Leave", schema: actions.leave.request, example: { session_id: "room-7" } }),
  entry({ name: "Left", schema: actions.leave.response, example: { left: true, session_id: "room-7", seq: 4 } }),
  entry({ name: "Ping", schema: actions.ping.request, example: {} }),
  entry({
    name: "Pong",
    schema: actions.ping.response,
    example: { pong: true, timestamp: "2026-11-28T00:00:00.000Z" },
  }),
];
