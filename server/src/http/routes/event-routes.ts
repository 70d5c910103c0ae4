import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import { eventOperations } from "@arrwdb/protocol/operations/event-operations";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { whenAborted } from "../../util/abortable.ts";
import type { HttpContext } from "../http-context.ts";
import { EventStreamResponse } from "./event-stream-response.ts";
import { eventStreamHeaders, wantsEventStream } from "../../listener/ended-stream.ts";
import { callerOf } from "../guard.ts";
import { longLived } from "../long-lived.ts";
import { whenClosed } from "../when-closed.ts";
import { route } from "../route.ts";

/** `GET /v1/libraries/{id}/events` and `GET /v1/events/stats`. */
export function eventRoutes(app: FastifyInstance, { services, settings, access }: HttpContext): void {
  let open = 0;

  route(app, eventOperations.getEventStatistics, () => services.statistics.read());

  route(app, eventOperations.readEvents, async ({ parameters, query, headers }, request, reply) => {
    const libraryId = parameters.library_id;
    // `Last-Event-ID` of a reconnect takes precedence over the query, which stays as it was.
    const fromSeq = headers["Last-Event-ID"] ?? query.from_seq;
    const wanted = { types: query.events, filter: query.metadata_filter, fromSeq };
    if (!wantsEventStream(request.headers.accept)) return services.streams.page(libraryId, wanted, query.limit);

    if (request.method === "HEAD") {
      // Checks the position without opening a stream.
      await services.streams.page(libraryId, wanted, 1);
      return reply.headers(eventStreamHeaders).send(Readable.from([]));
    }
    if (open >= settings.maxStreams) {
      throw new ArrwError("overloaded", "The server has reached its maximum number of event streams; retry later", {
        retryAfter: 5,
      });
    }
    const caller = callerOf(request);
    whenClosed(reply.raw, access.usage.connect(caller));
    open++;
    whenClosed(reply.raw, () => open--);
    request.raw.emit(longLived);
    const response = new EventStreamResponse(libraryId, reply.raw, settings.stallTimeout);
    const stream = await services.streams.open(libraryId, wanted, response);
    response.begin(stream, settings.draining);
    whenAborted(request.lifetime.signal, (reason) => response.fail(toArrwError(reason)));
    // The stream ends with its socket, whatever happens to the response.
    whenClosed(reply.raw, () => response.body.destroy());
    return reply.headers(eventStreamHeaders).send(response.body);
  });
}
