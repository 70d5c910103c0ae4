import { serverOperations } from "@arrwdb/protocol/operations/server-operations";
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "../http-context.ts";
import { route } from "../route.ts";

/** `GET /metrics` for Prometheus. */
export function metricsRoute(app: FastifyInstance, { metrics }: HttpContext): void {
  route(app, serverOperations.getMetrics, async (_input, _request, reply) => {
    const text = await metrics.render();
    return reply.type(metrics.contentType).header("cache-control", "no-store").send(text);
  });
}
