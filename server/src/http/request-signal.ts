import type { FastifyReply } from "fastify";

const gone = new DOMException("The client went away", "AbortError");

/** Aborts with the reason when the client goes away before it is answered, so that nothing is computed for nobody. */
export function requestSignal(reply: FastifyReply, reason: Error = gone): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort(reason);
  });
  return controller.signal;
}
