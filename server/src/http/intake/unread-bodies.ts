import { Readable } from "node:stream";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { isUnread, lingering } from "../../listener/lingering-close.ts";

/**
 * Lets responses reach clients that are still sending a body which is not read: the connection ends after the response,
 * once the client had time to read it.
 *
 * @param draining aborts when the server begins to stop
 */
export function answerSenders(app: FastifyInstance, draining: AbortSignal): void {
  app.addHook("onSend", async (request, reply, payload) => {
    const { raw, lifetime } = request;
    if (!isUnread(raw)) return payload;
    if (typeof payload === "string" || Buffer.isBuffer(payload)) {
      reply.header("content-length", Buffer.byteLength(payload));
      reply.header("connection", "close");
      // It had its time.
      if (reply.statusCode === 408) return payload;
      return Readable.from(beforeEnd([payload], raw, draining, lifetime.signal), { objectMode: false });
    }
    // An upload that is answered while it comes in is read to its end by its route, unless it is given up.
    if (payload instanceof Readable)
      return Readable.from(beforeEnd(payload, raw, draining, lifetime.signal), { objectMode: false });
    return payload;
  });
}

async function* beforeEnd(
  answer: Iterable<unknown> | AsyncIterable<unknown>,
  request: IncomingMessage,
  draining: AbortSignal,
  signal: AbortSignal,
): AsyncGenerator {
  yield* answer;
  await lingering(request, draining, signal);
}
