import { ArrwError } from "@arrwdb/protocol/errors";
import { eventsQuery } from "@arrwdb/protocol/events";
import { validate } from "@arrwdb/protocol/validation";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { HttpContext } from "./context.ts";
import { EventStreamResponse } from "./event-stream-response.ts";
import { libraryIdOf } from "./parameters.ts";

/** Emitted by a request that will take as long as its client likes. */
export const longLived = "arrwdb:long-lived";

/** `GET /v1/libraries/{id}/events` and `GET /v1/events/stats`. */
export function eventRoutes(app: FastifyInstance, { services, settings }: HttpContext): void {
  let open = 0;

  app.get("/v1/events/stats", () => services.statistics.read());

  app.get("/v1/libraries/:library_id/events", async (request, reply) => {
    const libraryId = libraryIdOf(request);
    const query = validate(eventsQuery, request.query);
    const fromSeq = lastEventId(request) ?? query.from_seq;
    const wanted = { types: query.events, filter: query.metadata_filter, fromSeq };
    if (!wantsStream(request)) return services.streams.page(libraryId, wanted, query.limit);

    if (open >= settings.maxStreams) {
      throw new ArrwError("overloaded", "The server has as many event streams as it takes", { retryAfter: 5 });
    }
    open++;
    reply.raw.once("close", () => open--);
    request.raw.emit(longLived);
    const response = new EventStreamResponse(reply.raw, settings.stallTimeout);
    const stream = await services.streams.open(libraryId, wanted, response);
    response.begin(stream, settings.draining);
    return reply
      .header("cache-control", "no-store")
      .header("x-accel-buffering", "no")
      .type("text/event-stream; charset=utf-8")
      .send(response.body);
  });
}

/** Browsers ask for the stream by its name, and so does whoever asks for nothing; who asks for JSON gets a page. */
function wantsStream(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? "*/*";
  return /\btext\/event-stream\b/i.test(accept) || !/\bapplication\/json\b/i.test(accept);
}

const eventId = z
  .string()
  .regex(/^\d{1,15}$/, "must be the id of an event, a whole number that is not negative")
  .transform(Number);

/** What a browser sends when it comes back; it counts before the address, which stays what it was. */
function lastEventId(request: FastifyRequest): number | undefined {
  const given = request.headers["last-event-id"];
  if (given === undefined || given === "") return undefined;
  return validate(z.object({ "Last-Event-ID": eventId }), { "Last-Event-ID": given })["Last-Event-ID"];
}
