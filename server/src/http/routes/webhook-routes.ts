import { webhookOperations } from "@arrwdb/protocol/operations/webhook-operations";
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "../http-context.ts";
import { principalOf } from "../guard.ts";
import { route } from "../route.ts";

export function webhookRoutes(app: FastifyInstance, { services: { webhooks } }: HttpContext): void {
  route(app, webhookOperations.createWebhook, async ({ parameters, body }, request, reply) => {
    const { library_id: libraryId } = parameters;
    const webhook = await webhooks.create(libraryId, body, principalOf(request).keyId);
    return reply.code(201).header("location", `/v1/libraries/${libraryId}/webhooks/${webhook.id}`).send(webhook);
  });

  route(app, webhookOperations.listWebhooks, async ({ parameters }) => ({
    webhooks: await webhooks.list(parameters.library_id),
  }));

  route(app, webhookOperations.getWebhook, ({ parameters }) =>
    webhooks.get(parameters.library_id, parameters.webhook_id),
  );

  route(app, webhookOperations.updateWebhook, ({ parameters, body }, request) =>
    webhooks.update(parameters.library_id, parameters.webhook_id, body, principalOf(request).keyId),
  );

  route(app, webhookOperations.deleteWebhook, async ({ parameters }) => {
    await webhooks.delete(parameters.library_id, parameters.webhook_id);
    return { deleted: true, id: parameters.webhook_id };
  });

  route(app, webhookOperations.pingWebhook, ({ parameters }, request) =>
    webhooks.ping(parameters.library_id, parameters.webhook_id, request.lifetime.signal),
  );

  route(app, webhookOperations.rotateWebhookSecret, ({ parameters, body }) =>
    webhooks.rotate(parameters.library_id, parameters.webhook_id, body.overlap_seconds),
  );

  route(app, webhookOperations.redeliverWebhook, ({ parameters, body }) =>
    webhooks.redeliver(parameters.library_id, parameters.webhook_id, body.from_seq),
  );

  route(app, webhookOperations.listWebhookDeliveries, async ({ parameters, query }) => {
    const page = await webhooks.deliveries(parameters.library_id, parameters.webhook_id, query);
    return { deliveries: page.items, next_cursor: page.nextCursor };
  });
}
