import { randomUUID } from "node:crypto";
import { limits } from "@arrwdb/protocol/limits";
import { ArrwError } from "@arrwdb/protocol/errors";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { readJsonBodies } from "./content.ts";
import type { HttpContext } from "./context.ts";
import { documentRoutes } from "./documents.ts";
import { eventRoutes, longLived } from "./events.ts";
import { handleErrors, sendProblem } from "./errors.ts";
import { healthRoutes } from "./health.ts";
import { ingestionRoutes } from "./ingestion.ts";
import { libraryRoutes } from "./libraries.ts";
import { mcpRoutes } from "./mcp.ts";
import { refuseUnknownRoutes } from "./route.ts";
import { searchRoutes } from "./search.ts";

/** HTTP requests in progress at the same time; further ones are told to come back. */
const maxConcurrentRequests = 1_024;

/** The HTTP face. It listens where the caller says, and has no logic of its own. */
export function createApp(context: HttpContext, logger: FastifyBaseLogger): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    genReqId: () => randomUUID(),
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
  handleErrors(app);
  limitConcurrency(app);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    const milliseconds = Math.round(reply.elapsedTime * 100) / 100;
    request.log.debug({ method: request.method, route, status: reply.statusCode, milliseconds }, "request");
  });

  healthRoutes(app, context);
  app.register(async (json) => {
    readJsonBodies(json);
    libraryRoutes(json, context);
    documentRoutes(json, context);
    searchRoutes(json, context);
    eventRoutes(json, context);
    mcpRoutes(json, context);
  });
  app.register(async (streams) => ingestionRoutes(streams, context));
  return app;
}

function limitConcurrency(app: FastifyInstance): void {
  let inProgress = 0;
  app.addHook("onRequest", async (request, reply) => {
    inProgress++;
    const ended = once(() => inProgress--);
    reply.raw.once("close", ended);
    // What goes on for as long as its client likes has a bound of its own.
    request.raw.once(longLived, ended);
    if (inProgress <= maxConcurrentRequests) return;
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
