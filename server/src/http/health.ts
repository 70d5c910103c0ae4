import { ArrwError } from "@arrwdb/protocol/errors";
import { serverOperations } from "@arrwdb/protocol/operations/server";
import { protocolVersion } from "@arrwdb/protocol/version";
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "./context.ts";
import { route } from "./route.ts";

/** `/health`: the process is alive. `/ready`: it serves requests. `/`: what this is. */
export function healthRoutes(app: FastifyInstance, { ready }: HttpContext): void {
  route(app, serverOperations.describeServer, () => ({
    name: "arrwDB",
    protocol: protocolVersion,
    libraries: "/v1/libraries",
  }));

  route(app, serverOperations.connect, (_input, _request, reply) => {
    reply.header("upgrade", "websocket");
    throw new ArrwError("upgrade_required", "This address speaks WebSocket; connect with ws:// or wss://");
  });

  route(app, serverOperations.getHealth, () => ({ status: "ok" }));

  route(app, serverOperations.getReadiness, () => {
    if (!ready()) throw new ArrwError("shutting_down", "The server is stopping");
    return { status: "ready" };
  });
}
