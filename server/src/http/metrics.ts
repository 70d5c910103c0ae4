import type { FastifyInstance } from "fastify";
import type { HttpContext } from "./context.ts";

/** `GET /metrics` for Prometheus. */
export function metricsRoute(app: FastifyInstance, { metrics }: HttpContext): void {
  if (metrics === undefined) return;
  app.get("/metrics", async (_request, reply) => {
    const text = await metrics.render();
    return reply.type(metrics.contentType).header("cache-control", "no-store").send(text);
  });
}
