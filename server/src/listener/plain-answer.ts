import type { IncomingMessage, ServerResponse } from "node:http";
import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import { toProblem } from "@arrwdb/protocol/errors/problem";
import { requestIdOf } from "../util/request-id.ts";
import { isUnread, lingering } from "./lingering-close.ts";
import { problemHeaders } from "./problem-headers.ts";

/**
 * Responds to a request that does not reach the HTTP transport.
 *
 * @param closing aborts when the server begins to stop
 */
export function answerProblem(
  request: IncomingMessage,
  response: ServerResponse,
  error: ArrwError,
  closing: AbortSignal,
): void {
  const id = requestIdOf(request.headers);
  const body = JSON.stringify(toProblem(error, id));
  response.statusCode = error.definition.status;
  response.setHeader("x-request-id", id);
  response.setHeader("content-type", "application/problem+json");
  response.setHeader("content-length", Buffer.byteLength(body));
  for (const [name, value] of Object.entries(problemHeaders(error))) response.setHeader(name, value);
  response.setHeader("connection", "close");
  if (request.method === "HEAD") response.flushHeaders();
  else response.write(body);
  if (!isUnread(request)) response.end();
  else void lingering(request, closing).then(() => response.end());
}
