import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import { toProblem } from "@arrwdb/protocol/errors/problem";
import { problemHeaders } from "./problem-headers.ts";

/** Milliseconds for which a peer may finish sending, so that it reads its response. */
const lingerTime = 5_000;

/**
 * Responds on the socket itself to input that never becomes a request, such as a refused upgrade. Further input is
 * discarded for a while: closing with unread bytes would lose the response.
 *
 * @param headers in addition to the common ones
 */
export function refuse(
  socket: Duplex,
  error: ArrwError,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status } = error.definition;
  const body = JSON.stringify(toProblem(error, requestId));
  const answer = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
    "connection: close",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...Object.entries({ ...problemHeaders(error), ...headers }).map(([name, value]) => `${name}: ${value}`),
    "",
    body,
  ].join("\r\n");
  // A peer that does not hang up on its side would keep the socket, and with it the server, open.
  const timer = setTimeout(() => socket.destroy(), lingerTime);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
  socket.once("end", () => socket.destroy());
  socket.end(answer);
  socket.resume();
}
