import { ArrwError, toArrwError } from "@arrwdb/protocol/errors";
import { eventOperations } from "@arrwdb/protocol/operations/events";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { whenAborted } from "../abortable.ts";
import type { HttpContext } from "./context.ts";
import { EventStreamResponse } from "./event-stream-response.ts";
import { callerOf } from "./guard.ts";
import { longLived } from "./long-lived.ts";
import { route } from "./route.ts";

/** `GET /v1/libraries/{id}/events` and `GET /v1/events/stats`. */
export function eventRoutes(app: FastifyInstance, { services, settings, access }: HttpContext): void {
  let open = 0;

  route(app, eventOperations.getEventStatistics, () => services.statistics.read());

  route(app, eventOperations.readEvents, async ({ parameters, query, headers }, request, reply) => {
    const libraryId = parameters.library_id;
    // What a browser sends when it comes back counts before the address, which stays what it was.
    const fromSeq = headers["Last-Event-ID"] ?? query.from_seq;
    const wanted = { types: query.events, filter: query.metadata_filter, fromSeq };
    if (!wantsStream(request)) return services.streams.page(libraryId, wanted, query.limit);

    if (open >= settings.maxStreams) {
      throw new ArrwError("overloaded", "The server has as many event streams as it takes", { retryAfter: 5 });
    }
    const caller = callerOf(request);
    reply.raw.once("close", access.usage.connect(caller));
    open++;
    reply.raw.once("close", () => open--);
    request.raw.emit(longLived);
    const response = new EventStreamResponse(reply.raw, settings.stallTimeout);
    const stream = await services.streams.open(libraryId, wanted, response);
    response.begin(stream, settings.draining);
    whenAborted(request.lifetime.signal, (reason) => response.fail(toArrwError(reason)));
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
