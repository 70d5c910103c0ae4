import { ArrwError, toArrwError } from "@arrwdb/protocol/errors";
import { limits } from "@arrwdb/protocol/limits";
import { toProblem } from "@arrwdb/protocol/problem";
import type { Monitor } from "../telemetry/monitor.ts";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Seconds that a client should wait where nothing better is known. */
const defaultRetryAfter = 1;

/** What nginx writes down for a client that did not wait for its answer; nobody is sent it. */
const clientClosedRequest = 499;
/** How the framework and Node tell of it. */
const endsOfClients: ReadonlySet<unknown> = new Set(["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR", "EPIPE"]);

/** Whether a request came to nothing only because nobody waits for its answer any more, which is no fault of ours. */
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
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new ArrwError("body_too_large", `The body is larger than ${limits.bodyBytes} bytes`, { cause: error });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH": {
      const sent = request.headers["content-type"] ?? "nothing";
      const message = `content-type: this address reads application/json, but ${sent} was sent`;
      return new ArrwError("unsupported_media_type", message, { field: "content-type", cause: error });
    }
    default:
      return toArrwError(error);
  }
}

declare module "fastify" {
  interface FastifyReply {
    /** The code of the error that it is, or null. */
    refusal: string | null;
  }
}

export function sendProblem(reply: FastifyReply, error: ArrwError): FastifyReply {
  const { status } = error.definition;
  reply.refusal = error.code;
  // A body that nobody will read is not taken in to its end.
  const { headers, raw } = reply.request;
  const hasBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  if (hasBody && !raw.complete && (status === 401 || status === 403)) reply.header("connection", "close");
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="arrwDB"');
  const retryAfter = error.retryAfter ?? (status === 503 || status === 429 ? defaultRetryAfter : undefined);
  if (retryAfter !== undefined) reply.header("retry-after", String(retryAfter));
  return reply
    .code(status)
    .type("application/problem+json")
    .serializer((payload) => JSON.stringify(payload))
    .send(toProblem(error, reply.request.id));
}

export function handleErrors(app: FastifyInstance, monitor?: Monitor): void {
  app.decorateReply("refusal", null);
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    if (isLeft(error, request)) {
      request.log.debug({ method: request.method }, "the client hung up before it was answered");
      return reply.code(clientClosedRequest).send();
    }
    const problem = translate(error, request);
    if (problem.code === "internal") request.log.error({ err: problem.cause ?? problem }, "request failed");
    // The message may hold what the client has sent.
    else request.log.debug({ code: problem.code, field: problem.field }, "request refused");
    monitor?.failed("http", problem.code);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0];
    monitor?.failed("http", "route_not_found");
    return sendProblem(reply, new ArrwError("route_not_found", `There is no ${request.method} ${path}`));
  });
}
