import { ArrwError } from "@arrwdb/protocol/errors";
import { protocolVersion } from "@arrwdb/protocol/version";
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "./context.ts";

/** `/health`: the process is alive. `/ready`: it should be sent requests. `/`: what this is. */
export function healthRoutes(app: FastifyInstance, { refusal }: HttpContext): void {
  app.get("/", () => ({ name: "arrwDB", protocol: protocolVersion, libraries: "/v1/libraries" }));

  app.get("/v1/libraries/:library_id/ws", (_request, reply) => {
    reply.header("upgrade", "websocket");
    throw new ArrwError("upgrade_required", "This address speaks WebSocket; connect with ws:// or wss://");
  });

  app.get("/health", () => ({ status: "ok" }));

  app.get("/ready", () => {
    const reason = refusal();
    if (reason !== undefined) throw reason;
    return { status: "ready" };
  });
}
