/** What is shown of webhooks in a library. */
export function webhookExamples(libraryId: string, webhookId: string) {
  const time = "2026-11-25T10:00:00.000Z";
  const webhook = {
    id: webhookId,
    library_id: libraryId,
    url: "https://example.com/hooks",
    description: "Notifies the shop",
    events: ["document.added" as const],
    metadata_filter: { author: "Ada" },
    status: "active" as const,
    status_reason: null,
    seq: 41,
    failure: {
      since: time,
      attempts: 3,
      error: "The receiver answered 503",
      next_attempt_at: "2026-11-25T10:00:07.000Z",
    },
    last_success_at: null,
    secrets: [{ created_at: time, expires_at: null }],
    created_at: time,
    updated_at: time,
  };
  const delivery = {
    message_id: `evt_${libraryId}_42`,
    type: "document.added",
    seq: 42,
    attempt: 3,
    attempted_at: "2026-11-25T10:00:03.000Z",
    duration_ms: 12.5,
    delivered: false,
    status_code: 503,
    error: "The receiver answered 503",
    answer: "maintenance",
  };
  return {
    CreateWebhook: {
      url: webhook.url,
      description: webhook.description,
      events: webhook.events,
      metadata_filter: webhook.metadata_filter,
    },
    PatchWebhook: { status: "paused" as const },
    RotateWebhook: { overlap_seconds: 3_600 },
    RedeliverWebhook: { from_seq: 40 },
    Webhook: webhook,
    WebhookWithSecret: { ...webhook, failure: null, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=" },
    WebhookList: { webhooks: [webhook] },
    WebhookDeleted: { deleted: true as const, id: webhookId },
    WebhookDelivery: delivery,
    WebhookDeliveryList: { deliveries: [delivery], next_cursor: null },
  };
}
