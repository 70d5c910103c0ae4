import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { serverOperations } from "@arrwdb/protocol/operations/server-operations";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isUnread } from "../../listener/lingering-close.ts";
import type { HttpState } from "../http-context.ts";
import { whenClosed } from "../when-closed.ts";
import { longLived } from "../long-lived.ts";
import { type IntakePlace, Stage } from "./intake-stage.ts";

/** Requests being processed, excluding those that wait for their client. */
const maxWorking = 1_024;
/** Requests whose JSON body is incomplete, and uploads. */
const receiving = { total: 4_096, perAddress: 1_024 };
const uploading = { total: 1_024, perAddress: 512 };

/** Served even under overload, so that operators can always see it. */
const always: ReadonlySet<string> = new Set([
  serverOperations.getHealth.id,
  serverOperations.getReadiness.id,
  serverOperations.getMetrics.id,
]);

export const isAlwaysAnswered = ({ routeOptions }: FastifyRequest): boolean =>
  always.has(routeOptions.config.operation?.id ?? "");

declare module "fastify" {
  interface FastifyRequest {
    /** Its place while its body arrives, or while it is processed. */
    place: IntakePlace | null;
    /** Ends the reading of its body, as others need its place. */
    giveWay: AbortController | null;
  }
}

/**
 * Bounds requests in progress before authentication. A request that waits for its client takes no place from one being
 * processed: a body that never arrives, or a response that is not read, blocks no other request.
 */
export function limitConcurrency(app: FastifyInstance, perAddress: number, state: HttpState): void {
  const stages = {
    working: new Stage("requests in progress", { total: maxWorking, perAddress }),
    receiving: new Stage("requests with incomplete bodies", receiving),
    uploading: new Stage("uploads in progress", uploading),
  };
  app.decorateRequest("place", null);
  app.decorateRequest("giveWay", null);

  app.addHook("onRequest", async (request, reply) => {
    state.requestsInProgress++;
    const ended = once(() => {
      state.requestsInProgress--;
      request.place?.leave();
    });
    whenClosed(reply.raw, ended);
    // Long-lived responses have a limit of their own.
    request.raw.once(longLived, ended);
    if (isAlwaysAnswered(request)) return;
    const address = request.lifetime.network;
    if (request.routeOptions.config.operation?.stream !== undefined) request.place = stages.uploading.enter(address);
    else if (!isUnread(request.raw)) request.place = stages.working.enter(address);
    else {
      const giveWay = new AbortController();
      request.giveWay = giveWay;
      request.place = stages.receiving.enter(address, () => giveWay.abort(tooSlow()));
    }
  });

  app.addHook("preValidation", async (request) => {
    if (request.giveWay === null) return;
    request.giveWay = null;
    request.place?.leave();
    request.place = stages.working.enter(request.lifetime.network);
  });

  // From here on, the request waits for its client.
  app.addHook("onSend", async (request) => {
    if (request.routeOptions.config.operation?.stream === undefined) request.place?.leave();
  });
}

const tooSlow = () =>
  new ArrwError("request_timeout", "The body arrived too slowly while other requests were waiting; send it again");

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
