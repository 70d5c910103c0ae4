import { z } from "zod";
import { eventPage, eventsQuery, eventStatistics, lastEventId, streamedEvent } from "../events/events.ts";
import { libraryErrors, type Operation } from "./operation.ts";
import { ofLibrary, ofServer } from "./subjects.ts";

export const eventOperations = {
  readEvents: {
    ...ofLibrary,
    id: "readEvents",
    method: "GET",
    path: "/v1/libraries/{library_id}/events",
    chapter: "Events",
    summary: "Read a page of a library's events, or stream them",
    description:
      "A page; with `Accept: text/event-stream`, Server-Sent Events for browsers' `EventSource`. There, each event has its `seq` as its id. Events named `progress` and `heartbeat` carry the position, and one named `ended` the error with which the server ends a stream. While the server starts or stops, a stream ends at once in this way, with status 200, because browsers do not reconnect after any other status.",
    scope: "read",
    query: eventsQuery,
    headers: z.object({ "Last-Event-ID": lastEventId.optional() }),
    answers: {
      200: {
        description: "Events, in order and without gaps",
        content: { "application/json": eventPage, "text/event-stream": streamedEvent },
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
    summary: "Get event statistics: events, subscribers and their lag",
    scope: "admin",
    answers: {
      200: {
        description: "Totals for all libraries since the server started",
        content: { "application/json": eventStatistics },
      },
    },
    errors: [],
  },
} as const satisfies Record<string, Operation>;
