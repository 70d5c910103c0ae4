import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "../access/principal.ts";
import { networkOf } from "../util/network.ts";
import { ThreadTurns } from "../scheduling/thread-turns.ts";
import { addressOf } from "../util/peer-address.ts";
import { sendProblem } from "./error-responses.ts";

declare module "fastify" {
  interface FastifyRequest {
    lifetime: Lifetime;
  }
}

/** Why the signals of a request abort when its client hangs up. */
export const clientGone = new DOMException("The client disconnected", "AbortError");

/** Milliseconds that a request has to finish its response after its key has ended; then its connection is cut. */
const lastWords = 5_000;

/**
 * The lifetime of one request: until its client disconnects, its principal loses its permission, or the server stops
 * waiting for it. Routes pass `signal` to everything they await.
 */
export class Lifetime {
  /** The client's address; read at the beginning, as a closed socket no longer has it. */
  readonly address: string;
  /** The network by which the address is limited. */
  readonly network: string;
  readonly #reply: FastifyReply;
  readonly #hungUp = new AbortController();
  readonly #over = new AbortController();
  #forget: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: FastifyRequest, reply: FastifyReply) {
    this.#reply = reply;
    this.address = addressOf(request.raw);
    this.network = networkOf(this.address);
  }

  /** Aborts when the request is over, whatever the reason. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Aborts when the response can no longer be received: the client disconnected, or the server is stopping. */
  get hungUp(): AbortSignal {
    return this.#hungUp.signal;
  }

  /** From now on the request ends with the principal that sent it. */
  belongTo(principal: Principal): void {
    this.#forget = principal.onEnd((reason) => this.#refuse(reason));
  }

  /** The response will not be read. */
  hangUp(reason: unknown): void {
    this.#hungUp.abort(reason);
    this.#over.abort(reason);
  }

  /** The response was sent, or never will be: pending work is then aborted in one of the turns. */
  close(turns: ThreadTurns): void {
    this.#forget();
    clearTimeout(this.#timer);
    if (!this.#reply.raw.writableFinished) turns.run(() => this.hangUp(clientGone));
  }

  /** The route is notified first and may end its response properly; a slow peer is cut off after `lastWords`. */
  #refuse(reason: ArrwError): void {
    this.#over.abort(reason);
    this.#timer = setTimeout(() => {
      const { raw, sent } = this.#reply;
      if (raw.headersSent || sent) raw.destroy();
      else sendProblem(this.#reply.header("connection", "close"), reason);
    }, lastWords).unref();
  }
}

/** Gives each request its lifetime, before anything else is done with it. */
export function boundLifetimes(app: FastifyInstance, stopping: AbortSignal): void {
  const open = new Set<Lifetime>();
  // Tearing down an upload takes milliseconds, and a proxy that ends may abort hundreds at once.
  const turns = new ThreadTurns();
  stopping.addEventListener("abort", () => {
    for (const lifetime of open) lifetime.hangUp(stopping.reason);
  });
  app.decorateRequest("lifetime");
  app.addHook("onRequest", (request, reply, done) => {
    const lifetime = new Lifetime(request, reply);
    request.lifetime = lifetime;
    open.add(lifetime);
    reply.raw.once("close", () => {
      open.delete(lifetime);
      lifetime.close(turns);
    });
    if (stopping.aborted) lifetime.hangUp(stopping.reason);
    // The client may have disconnected already.
    if (reply.raw.closed) lifetime.close(turns);
    done();
  });
}
