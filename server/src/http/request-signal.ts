import type { FastifyReply } from "fastify";

const gone = new DOMException("The client went away", "AbortError");

/** Aborts with the reason when the client goes away before it is answered, so that nothing is computed for nobody. */
export function requestSignal(reply: FastifyReply, reason: Error = gone): AbortSignal {
  const controller = new AbortController();
  const leave = () => {
    if (!reply.raw.writableFinished) controller.abort(reason);
  };
  // A client may be gone before anybody asks.
  if (reply.raw.closed) leave();
  else reply.raw.once("close", leave);
  return controller.signal;
}
