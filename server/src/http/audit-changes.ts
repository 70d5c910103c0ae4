import { isErrorCode } from "@arrwdb/protocol/errors/error-table";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";

/** Records who makes a change that requires the scope `admin`, before the response. */
export function auditChanges(app: FastifyInstance, { audit }: Access): void {
  app.addHook("onSend", async (request, reply) => {
    const { operation } = request.routeOptions.config;
    const { principal } = request;
    if (operation?.scope !== "admin" || operation.method === "GET" || principal === null) return;
    const location = reply.getHeader("location");
    const code = reply.refusal;
    try {
      await audit.record({
        principal,
        operation: operation.id,
        subject: typeof location === "string" ? location : pathOf(request),
        status: reply.statusCode,
        code: code !== null && isErrorCode(code) ? code : null,
        requestId: request.id,
        address: request.lifetime.address,
      });
    } catch (error) {
      // The action cannot be undone; the failure is in the server's log.
      request.log.error(
        { err: error, key: principal.keyId, operation: operation.id, status: reply.statusCode },
        "an action could not be written to the audit log",
      );
    }
  });
}

/** The path with the ids that were meant; a library may have been given by its name, which can change. */
function pathOf({ routeOptions, params }: FastifyRequest): string {
  const values = new Map(Object.entries(Object(params)));
  return (routeOptions.url ?? "").replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(values.get(name))),
  );
}
