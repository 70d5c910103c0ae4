import { type Attributes, context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HttpContext } from "./http-context.ts";
import { clientClosedRequest } from "./error-responses.ts";
import { longLived } from "./long-lived.ts";
import { whenClosed } from "./when-closed.ts";

/** The pattern of the address, as raw paths are without end. */
const routeOf = (request: FastifyRequest) => request.routeOptions.url ?? "unmatched";
/** Maximum length of a URL in a span. */
const longestPath = 1_000;
/** Methods are the client's to invent, too. */
const methods: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
const methodOf = ({ method }: FastifyRequest) => (methods.has(method) ? method : "other");

/** Gives each request its id, its span and its metrics, and logs slow ones. */
export function observeRequests(
  app: FastifyInstance,
  { monitor, settings: { slowRequest, isSecure } }: HttpContext,
): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  const lasting = new WeakSet<FastifyRequest>();

  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    const parent = propagation.extract(context.active(), request.headers);
    const span = trace
      .getTracer("arrwdb")
      .startSpan(spanNameOf(request), { kind: SpanKind.SERVER, attributes: attributesOf(request, isSecure) }, parent);
    spans.set(request, span);
    request.raw.once(longLived, () => lasting.add(request));
    // The framework reports only responses that were sent completely.
    whenClosed(reply.raw, () => {
      if (!reply.raw.writableFinished) left(request, reply);
    });
  });

  // The body was read in the socket's async context; from here on the request's is used.
  app.addHook("preHandler", (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else context.with(trace.setSpan(context.active(), span), done);
  });

  function count(request: FastifyRequest, { elapsedTime }: FastifyReply, status: number) {
    endSpan(spans.get(request), status);
    const route = routeOf(request);
    const milliseconds = Math.round(elapsedTime * 100) / 100;
    const line = { method: methodOf(request), route, status, milliseconds };
    if (!lasting.has(request)) monitor.requestEnded(line.method, route, status, elapsedTime / 1_000);
    return line;
  }

  function left(request: FastifyRequest, reply: FastifyReply): void {
    request.log.debug(count(request, reply, clientClosedRequest), "client disconnected");
  }

  app.addHook("onResponse", async (request, reply) => {
    const { elapsedTime, statusCode } = reply;
    const line = count(request, reply, statusCode);
    // Requests whose duration depends on the client are never slow.
    const isSlow = !lasting.has(request) && slowRequest !== undefined && elapsedTime >= slowRequest;
    if (isSlow && !line.route.endsWith("/documents/stream")) request.log.warn(line, "slow request");
    else request.log.debug(line, "request");
  });
}

/** By OpenTelemetry's semantic conventions for HTTP: the method, and the route if one matched. */
function spanNameOf(request: FastifyRequest): string {
  const method = methods.has(request.method) ? request.method : "HTTP";
  const { url } = request.routeOptions;
  return url === undefined || request.is404 ? method : `${method} ${url}`;
}

function attributesOf(request: FastifyRequest, isSecure: boolean): Attributes {
  const { method, is404, id } = request;
  const { url: route } = request.routeOptions;
  return {
    ...(methods.has(method)
      ? { "http.request.method": method }
      : { "http.request.method": "_OTHER", "http.request.method_original": method.slice(0, 50) }),
    ...(route === undefined || is404 ? {} : { "http.route": route }),
    "url.path": (request.url.split("?")[0] ?? "").slice(0, longestPath),
    "url.scheme": isSecure ? "https" : "http",
    "arrwdb.request_id": id,
  };
}

function endSpan(span: Span | undefined, statusCode: number): void {
  if (span === undefined) return;
  span.setAttribute("http.response.status_code", statusCode);
  if (statusCode >= 500) {
    span.setAttribute("error.type", String(statusCode));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
