import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** What cannot break a log line, a header or an address. */
const sane = /^[A-Za-z0-9._:/+=-]{1,128}$/;

/** The id that the client, or a proxy before us, gave its request with `X-Request-Id`; a new one where it is not sane. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && sane.test(given) ? given : randomUUID();
}
