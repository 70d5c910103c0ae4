import type { IncomingMessage, ServerResponse } from "node:http";
import type { ArrwError } from "@arrwdb/protocol/errors";
import { toFailure } from "@arrwdb/protocol/problem";

/** Milliseconds after which a browser comes back when a stream of events ends. */
const usualPause = 2_000;
export const retryLine = `retry: ${usualPause}\n`;

/** What tells browsers, caches and proxies of a stream of events; none of them may hold it back. */
export const eventStreamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
} as const;

/** What says why a stream of events ends. */
export function endedStream(error: ArrwError): string {
  const { success: _, ...data } = toFailure(error);
  return `event: ended\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * Whether a request wants a stream of events. Browsers ask for it by its name, and what asks for nothing gets it too; what
 * asks for JSON gets a page.
 */
export function wantsEventStream(accept = "*/*"): boolean {
  return /\btext\/event-stream\b/i.test(accept) || !/\bapplication\/json\b/i.test(accept);
}

/** Whether it asks for a stream of a library's events. */
export const isEventStream = ({ method, url = "", headers }: IncomingMessage): boolean =>
  method === "GET" && /^\/v1\/libraries\/[^/?]+\/events(\?|$)/.test(url) && wantsEventStream(headers.accept);

/** Whether the client accepts event streams explicitly, as browsers do; others can be sent an error status. */
export const isNamedEventStream = (request: IncomingMessage): boolean =>
  isEventStream(request) && /\btext\/event-stream\b/i.test(request.headers.accept ?? "");

/** A stream that says why it ends, and when to come back. */
export function refusedStream(error: ArrwError): string {
  const pause = Math.max(usualPause, (error.retryAfter ?? 0) * 1000);
  return `retry: ${pause}\n${endedStream(error)}`;
}

/**
 * A stream that ends at once. Browsers close an `EventSource` for good at any status but 200, so what is over soon, such
 * as a start, is told within a stream.
 */
export function sendEndedStream(response: ServerResponse, error: ArrwError): void {
  response.statusCode = 200;
  for (const [name, value] of Object.entries(eventStreamHeaders)) response.setHeader(name, value);
  response.end(refusedStream(error));
}
