import { z } from "zod";
import { eventPage, eventsQuery, eventStatistics, lastEventId, streamedEvent } from "../events.ts";
import { libraryErrors, type Operation } from "./operation.ts";
import { ofLibrary, ofServer } from "./subjects.ts";

export const eventOperations = {
  readEvents: {
    ...ofLibrary,
    id: "readEvents",
    method: "GET",
    path: "/v1/libraries/{library_id}/events",
    chapter: "Events",
    summary: "Follow a library's events as they happen, or read a page of them",
    description:
      "Server-Sent Events, as browsers read them with `EventSource`; a page where `Accept` has `application/json` and not `text/event-stream`. Each event has its `seq` as its id. Events named `progress` and `heartbeat` tell the position, and one named `ended` the error with which the server ends a stream. While the server starts or stops, a stream ends at once in this way, with status 200, as browsers do not come back after any other.",
    scope: "read",
    query: eventsQuery,
    headers: z.object({ "Last-Event-ID": lastEventId.optional() }),
    answers: {
      200: {
        description: "Events, in their order and without a gap",
        content: { "text/event-stream": streamedEvent, "application/json": eventPage },
      },
    },
    errors: [...libraryErrors, "position_expired", "position_ahead"],
  },
  getEventStatistics: {
    ...ofServer,
    id: "getEventStatistics",
    method: "GET",
    path: "/v1/events/stats",
    chapter: "Events",
    summary: "Tell how many events there were, who listens, and how far they are behind",
    scope: "admin",
    answers: {
      200: {
        description: "Of all libraries together, since the server started",
        content: { "application/json": eventStatistics },
      },
    },
    errors: [],
  },
} as const satisfies Record<string, Operation>;
