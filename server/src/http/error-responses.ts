import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import { cut } from "@arrwdb/protocol/errors/cut";
import { toProblem } from "@arrwdb/protocol/errors/problem";
import { eventStreamHeaders, isEventStream, refusedStream } from "../listener/ended-stream.ts";
import { problemHeaders } from "../listener/problem-headers.ts";
import type { Monitor } from "../telemetry/monitor.ts";
import { methodsAt } from "./allowed-methods.ts";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** The status that nginx logs for a client that disconnected before the response; never sent. */
export const clientClosedRequest = 499;
/** The errors with which the framework and Node report it. */
const endsOfClients: ReadonlySet<unknown> = new Set(["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR", "EPIPE"]);

/** Whether a request failed only because its client disconnected, which is not a server error. */
function isLeft(error: Error, { lifetime }: FastifyRequest): boolean {
  if (!lifetime.hungUp.aborted) return false;
  const { reason } = lifetime.hungUp;
  const cause = error.cause ?? error;
  return cause === reason || error.name === "AbortError" || ("code" in error && endsOfClients.has(error.code));
}

/** The framework's own errors in the words of our table. */
function translate(error: FastifyError | Error, request: FastifyRequest): ArrwError {
  if (!("code" in error) || error instanceof ArrwError) return toArrwError(error);
  switch (error.code) {
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE": {
      const sent = cut(request.headers["content-type"] ?? "missing");
      const message = `content-type: must be application/json, or application/x-ndjson for streams, but is ${sent}`;
      return new ArrwError("unsupported_media_type", message, { field: "content-type", cause: error });
    }
    default: {
      if (request.is404) return notFound(request);
      // Other errors that the framework raises for a request.
      const status = error.statusCode ?? 500;
      if (!error.code.startsWith("FST_") || status < 400 || status >= 500) return toArrwError(error);
      return new ArrwError("malformed_request", `The request is malformed: ${cut(error.message)}`, { cause: error });
    }
  }
}

declare module "fastify" {
  interface FastifyReply {
    /** The code of the error sent as the response, or null. */
    refusal: string | null;
  }
}

export function sendProblem(reply: FastifyReply, error: ArrwError): FastifyReply {
  const { status } = error.definition;
  reply.refusal = error.code;
  return reply
    .code(status)
    .headers(problemHeaders(error))
    .type("application/problem+json")
    .serializer((payload) => JSON.stringify(payload))
    .send(toProblem(error, reply.request.id));
}

/** Temporary errors are sent within the stream: browsers reconnect after that, but never after an error status. */
function sendRefusedStream(reply: FastifyReply, error: ArrwError): FastifyReply {
  reply.refusal = error.code;
  return reply
    .code(200)
    .headers({ ...problemHeaders(error), ...eventStreamHeaders })
    .send(refusedStream(error));
}

export function handleErrors(app: FastifyInstance, monitor: Monitor): void {
  app.decorateReply("refusal", null);
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    if (isLeft(error, request)) {
      request.log.debug({ method: request.method }, "client disconnected before the response");
      return reply.code(clientClosedRequest).send();
    }
    const problem = translate(error, request);
    if (problem.code === "internal") request.log.error({ err: problem.cause ?? problem }, "request failed");
    // The message may contain client data.
    else request.log.debug({ code: problem.code, field: problem.field }, "request rejected");
    monitor.failed("http", problem.code);
    if (problem.definition.retryable && isEventStream(request.raw)) return sendRefusedStream(reply, problem);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    monitor.failed("http", "route_not_found");
    const methods = methodsAt(pathOf(request));
    if (methods.length > 0) reply.header("allow", methods.join(", "));
    return sendProblem(reply, notFound(request));
  });
}

const pathOf = ({ url }: FastifyRequest) => url.split("?")[0] ?? "";

function notFound(request: FastifyRequest): ArrwError {
  const path = pathOf(request);
  const methods = methodsAt(path);
  const hint = methods.length === 0 ? "" : `; allowed methods: ${methods.join(", ")}`;
  return new ArrwError("route_not_found", `There is no route ${request.method} ${cut(path)}${hint}`);
}
