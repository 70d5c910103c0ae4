import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { serverOperations } from "@arrwdb/protocol/operations/server-operations";
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "../http-context.ts";
import { route } from "../route.ts";

/** `/health`: the process is alive. `/ready`: it should be sent requests. */
export function healthRoutes(app: FastifyInstance, { refusal }: HttpContext): void {
  route(app, serverOperations.connect, (_input, _request, reply) => {
    reply.header("upgrade", "websocket");
    throw new ArrwError(
      "upgrade_required",
      "This endpoint accepts only WebSocket connections; connect with ws:// or wss://",
    );
  });

  route(app, serverOperations.getHealth, () => ({ status: "ok" }));

  route(app, serverOperations.getReadiness, () => {
    const reason = refusal();
    if (reason !== undefined) throw reason;
    return { status: "ready" };
  });
}
