import type { RequestListener, Server } from "node:http";
import { limits } from "@arrwdb/protocol/limits";
import { ArrwError } from "@arrwdb/protocol/errors";
import { stringifyExactly } from "@arrwdb/protocol/exact-json";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { requestIdOf } from "../request-id.ts";
import { accessRoutes } from "./access.ts";
import { auditChanges } from "./audit.ts";
import { readJsonBodies } from "./content.ts";
import { consoleRoutes } from "./console.ts";
import type { HttpContext, HttpState } from "./context.ts";
import { descriptionRoutes } from "./descriptions.ts";
import { documentRoutes } from "./documents.ts";
import { eventRoutes } from "./events.ts";
import { handleErrors, sendProblem } from "./errors.ts";
import { guard } from "./guard.ts";
import { guideRoutes } from "./guide.ts";
import { healthRoutes } from "./health.ts";
import { ingestionRoutes } from "./ingestion.ts";
import { exportRoutes } from "./export.ts";
import { libraryRoutes } from "./libraries.ts";
import { boundLifetimes } from "./lifetime.ts";
import { longLived } from "./long-lived.ts";
import { metricsRoute } from "./metrics.ts";
import { observeRequests } from "./observation.ts";
import { mcpRoutes } from "./mcp.ts";
import { refuseUnknownRoutes } from "./route.ts";
import { searchRoutes } from "./search.ts";
import { secureHeaders } from "./secure-headers.ts";
import { webhookRoutes } from "./webhooks.ts";

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
      const message = `The address ${request.raw.url?.split("?")[0]} cannot be read`;
      void sendProblem(reply, new ArrwError("route_not_found", message, { cause: error }));
    },
    requestTimeout: 0,
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 200 },
  });
  app.setReplySerializer((payload) => stringifyExactly(payload));
  refuseUnknownRoutes(app);
  boundLifetimes(app, context.settings.stopping);
  handleErrors(app, context.monitor);
  observeRequests(app, context);

  secureHeaders(app, context.access, context.settings.isSecure);
  // Plugins come first, so that a preflight is answered before anybody asks for its key.
  app.after(() => {
    limitConcurrency(app, context.state);
    guard(app, context.access);
    auditChanges(app, context.access);
  });
  healthRoutes(app, context);
  descriptionRoutes(app);
  guideRoutes(app, context);
  consoleRoutes(app, context);
  metricsRoute(app, context);
  app.register(async (json) => {
    readJsonBodies(json);
    accessRoutes(json, context);
    libraryRoutes(json, context);
    documentRoutes(json, context);
    searchRoutes(json, context);
    eventRoutes(json, context);
    exportRoutes(json, context);
    webhookRoutes(json, context);
    mcpRoutes(json, context);
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
