import type { RequestListener, Server } from "node:http";
import { cut } from "@arrwdb/protocol/errors/cut";
import { limits } from "@arrwdb/protocol/limits";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { requestIdOf } from "../util/request-id.ts";
import { accessRoutes } from "./routes/access-routes.ts";
import { auditChanges } from "./audit-changes.ts";
import { compressAnswers } from "./compression.ts";
import { readJsonBodies } from "./body-parsing.ts";
import { consoleRoutes } from "./routes/console-routes.ts";
import type { HttpContext } from "./http-context.ts";
import { descriptionRoutes } from "./routes/description-routes.ts";
import { matchingRoutes } from "./routes/matching-routes.ts";
import { documentRoutes } from "./routes/document-routes.ts";
import { eventRoutes } from "./routes/event-routes.ts";
import { handleErrors, sendProblem } from "./error-responses.ts";
import { guard } from "./guard.ts";
import { guideRoutes } from "./routes/guide-routes.ts";
import { healthRoutes } from "./routes/health-routes.ts";
import { ingestionRoutes } from "./upload/ingestion-routes.ts";
import { exportRoutes } from "./routes/export-routes.ts";
import { limitConcurrency } from "./intake/requests-in-progress.ts";
import { answerSenders } from "./intake/unread-bodies.ts";
import { libraryRoutes } from "./routes/library-routes.ts";
import { boundLifetimes } from "./request-lifetime.ts";
import { metricsRoute } from "./routes/metrics-routes.ts";
import { observeRequests } from "./request-observation.ts";
import { mcpRoutes } from "./routes/mcp-routes.ts";
import { answerOptions } from "./allowed-methods.ts";
import { refuseUnknownRoutes } from "./route.ts";
import { searchRoutes } from "./routes/search-routes.ts";
import { secureHeaders } from "./secure-headers.ts";
import { webhookRoutes } from "./routes/webhook-routes.ts";

/**
 * The HTTP transport. It has no logic of its own.
 *
 * @param attach sets the request handler and returns the server, which the caller opens and closes
 */
export function createApp(
  context: HttpContext,
  logger: FastifyBaseLogger,
  attach: (serve: RequestListener) => Server,
): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    bodyLimit: limits.bodyBytes,
    genReqId: ({ headers }) => requestIdOf(headers),
    serverFactory: attach,
    frameworkErrors: (error, request, reply) => {
      const message = `The URL ${cut(request.raw.url?.split("?")[0] ?? "")} is malformed`;
      context.monitor.failed("http", "route_not_found");
      reply.header("x-request-id", request.id);
      void sendProblem(reply, new ArrwError("route_not_found", message, { cause: error }));
    },
    requestTimeout: 0,
    // Invalid requests are answered by the listener.
    clientErrorHandler: () => undefined,
    return503OnClosing: false,
    forceCloseConnections: "idle",
    // Schemas bound the parts of a path, and say so; the listener bounds the whole.
    routerOptions: { maxParamLength: Number.MAX_SAFE_INTEGER },
  });
  app.setReplySerializer((payload) => stringifyExactly(payload));
  // What is at no address is not read.
  app.removeAllContentTypeParsers();
  refuseUnknownRoutes(app);
  boundLifetimes(app, context.settings.stopping);
  handleErrors(app, context.monitor);
  observeRequests(app, context);

  answerOptions(app);
  secureHeaders(app, context.access, context.settings.isSecure);
  // Plugins come first, so that CORS preflights are answered before authentication.
  app.after(() => {
    limitConcurrency(app, context.settings.requestsPerAddress, context.state);
    guard(app, context.access, context.services.names);
    auditChanges(app, context.access);
    compressAnswers(app);
    answerSenders(app, context.settings.draining);
  });
  healthRoutes(app, context);
  descriptionRoutes(app);
  guideRoutes(app, context);
  consoleRoutes(app, context);
  metricsRoute(app, context);
  app.register(async (json) => {
    readJsonBodies(json, context.settings.clientTimeouts);
    accessRoutes(json, context);
    libraryRoutes(json, context);
    documentRoutes(json, context);
    matchingRoutes(json, context);
    searchRoutes(json, context);
    eventRoutes(json, context);
    exportRoutes(json, context);
    webhookRoutes(json, context);
    mcpRoutes(json, context);
  });
  app.register(async (streams) => ingestionRoutes(streams, context));
  return app;
}
