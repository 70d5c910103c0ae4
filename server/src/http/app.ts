import type { RequestListener, Server } from "node:http";
import { limits } from "@arrwdb/protocol/limits";
import { ArrwError } from "@arrwdb/protocol/errors";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { requestIdOf } from "../request-id.ts";
import { readJsonBodies } from "./content.ts";
import type { HttpContext, HttpState } from "./context.ts";
import { documentRoutes } from "./documents.ts";
import { eventRoutes, longLived } from "./events.ts";
import { handleErrors, sendProblem } from "./errors.ts";
import { healthRoutes } from "./health.ts";
import { ingestionRoutes } from "./ingestion.ts";
import { libraryRoutes } from "./libraries.ts";
import { metricsRoute } from "./metrics.ts";
import { observeRequests } from "./observation.ts";
import { refuseUnknownRoutes } from "./route.ts";
import { searchRoutes } from "./search.ts";

/** HTTP requests in progress at the same time; further ones are told to come back. */
const maxConcurrentRequests = 1_024;

/**
 * The HTTP face. It has no logic of its own.
 *
 * @param attach gives the server that requests come to, which is the caller's to open and close; without it the app has
 * one of its own.
 */
export function createApp(
  context: HttpContext,
  logger: FastifyBaseLogger,
  attach?: (serve: RequestListener) => Server,
): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    bodyLimit: limits.bodyBytes,
    genReqId: ({ headers }) => requestIdOf(headers),
    ...(attach === undefined ? {} : { serverFactory: attach }),
    frameworkErrors: (error, request, reply) => {
      const message = `The address ${request.raw.url} cannot be read: ${error.message}`;
      void sendProblem(reply, new ArrwError("route_not_found", message, { cause: error }));
    },
    requestTimeout: 0,
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 200 },
  });
  refuseUnknownRoutes(app);
  handleErrors(app, context.monitor);
  observeRequests(app, context);
  limitConcurrency(app, context.state);

  healthRoutes(app, context);
  metricsRoute(app, context);
  app.register(async (json) => {
    readJsonBodies(json);
    libraryRoutes(json, context);
    documentRoutes(json, context);
    searchRoutes(json, context);
    eventRoutes(json, context);
  });
  app.register(async (streams) => ingestionRoutes(streams, context));
  return app;
}

function limitConcurrency(app: FastifyInstance, state: HttpState = { requestsInProgress: 0 }): void {
  app.addHook("onRequest", async (request, reply) => {
    state.requestsInProgress++;
    const ended = once(() => state.requestsInProgress--);
    reply.raw.once("close", ended);
    // What goes on for as long as its client likes has a bound of its own.
    request.raw.once(longLived, ended);
    if (state.requestsInProgress <= maxConcurrentRequests) return;
    throw new ArrwError("overloaded", `The server has ${maxConcurrentRequests} requests in progress`, {
      retryAfter: 1,
    });
  });
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
