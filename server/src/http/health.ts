import { ArrwError } from "@arrwdb/protocol/errors";
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "./context.ts";

/** `/health`: the process is alive. `/ready`: it serves requests. */
export function healthRoutes(app: FastifyInstance, { ready }: HttpContext): void {
  app.get("/v1/libraries/:library_id/ws", (_request, reply) => {
    reply.header("upgrade", "websocket");
    throw new ArrwError("upgrade_required", "This address speaks WebSocket; connect with ws:// or wss://");
  });

  app.get("/health", () => ({ status: "ok" }));

  app.get("/ready", () => {
    if (!ready()) throw new ArrwError("shutting_down", "The server is stopping");
    return { status: "ready" };
  });
}
