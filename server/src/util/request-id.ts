import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Characters that are safe in a log line, a header and a URL. */
const sane = /^[A-Za-z0-9._:/+=-]{1,128}$/;

/** The `X-Request-Id` set by the client or a proxy; a new one if it is missing or invalid. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && sane.test(given) ? given : randomUUID();
}
