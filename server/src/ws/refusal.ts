import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ArrwError } from "@arrwdb/protocol/errors";
import { toProblem } from "@arrwdb/protocol/problem";

/** An upgrade that cannot be is answered as plain HTTP. */
export function refuseUpgrade(socket: Duplex, error: ArrwError, requestId: string): void {
  const { status } = error.definition;
  const body = JSON.stringify(toProblem(error, requestId));
  const answer = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
    "connection: close",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...(status === 401 ? ['www-authenticate: Bearer realm="arrwDB"'] : []),
    ...(error.retryAfter === undefined ? [] : [`retry-after: ${error.retryAfter}`]),
    "",
    body,
  ].join("\r\n");
  // A peer that does not hang up on its side would keep the socket, and with it the server, open.
  socket.end(answer, () => socket.destroy());
}
