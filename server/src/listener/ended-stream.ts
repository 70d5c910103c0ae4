import type { IncomingMessage, ServerResponse } from "node:http";
import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import { toFailure } from "@arrwdb/protocol/errors/problem";

/** Milliseconds after which a browser reconnects when an event stream ends. */
const usualPause = 2_000;
export const retryLine = `retry: ${usualPause}\n`;

/** Headers of an event stream, for browsers, caches and proxies; none of them may buffer it. */
export const eventStreamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
} as const;

/** The event that reports why a stream ends. */
export function endedStream(error: ArrwError): string {
  const { success: _, ...data } = toFailure(error);
  return `event: ended\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Whether a request names the media type of an event stream, as browsers do; any other gets a page. */
export const wantsEventStream = (accept = ""): boolean => /\btext\/event-stream\b/i.test(accept);

/** Whether the request is for a stream of a library's events. */
export const isEventStream = ({ method, url = "", headers }: IncomingMessage): boolean =>
  method === "GET" && /^\/v1\/libraries\/[^/?]+\/events(\?|$)/.test(url) && wantsEventStream(headers.accept);

/** A stream that reports why it ends, and when to reconnect. */
export function refusedStream(error: ArrwError): string {
  const pause = Math.max(usualPause, (error.retryAfter ?? 0) * 1000);
  return `retry: ${pause}\n${endedStream(error)}`;
}

/**
 * A stream that ends immediately. Browsers close an `EventSource` for good at any status but 200, so a temporary
 * condition, such as startup, is reported within a stream.
 */
export function sendEndedStream(response: ServerResponse, error: ArrwError): void {
  response.statusCode = 200;
  for (const [name, value] of Object.entries(eventStreamHeaders)) response.setHeader(name, value);
  response.end(refusedStream(error));
}
