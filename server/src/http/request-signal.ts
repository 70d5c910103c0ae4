import type { FastifyReply } from "fastify";

/** Aborts when the client goes away before it is answered, so that nothing is computed for nobody. */
export function requestSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort(new DOMException("The client went away", "AbortError"));
  });
  return controller.signal;
}
