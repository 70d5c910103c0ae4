import { z } from "zod";
import { eventSelection } from "./events.ts";
import { filter } from "./filter.ts";
import { limits } from "./limits.ts";
import { boundedText, position, sequenceNumber, shortText, timestamp, uuid } from "./text.ts";

/** Why this is no address that can be called, or undefined. What it resolves to is looked at when it is called. */
function addressFault(text: string): string | undefined {
  if (!URL.canParse(text)) return "must be an address such as https://example.com/hooks";
  const { protocol, username, password } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return "must begin with https:// or http://";
  if (username !== "" || password !== "") {
    return "must not hold a name or a password; calls are signed, so the receiver verifies the signature instead";
  }
  return text.includes("#") ? "must not have a part behind #, which is never sent" : undefined;
}

const webhookUrl = boundedText(limits.shortText, 1).superRefine((text, context) => {
  const fault = addressFault(text);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

const selection = {
  /** Null, or left out, for all. */
  events: eventSelection.nullable().optional(),
  /** Over the document that an event is about; events about none pass. */
  metadata_filter: filter.nullable().optional(),
};

export const createWebhookRequest = z.strictObject({
  url: webhookUrl,
  description: shortText.nullable().optional(),
  ...selection,
  /** The position after which to begin; the library's own where it is left out, so that only what is new is told. */
  from_seq: position.optional(),
});
export type CreateWebhookRequest = z.output<typeof createWebhookRequest>;

const settable = ["active", "paused"] as const;

export const patchWebhookRequest = z
  .strictObject({
    url: webhookUrl.optional(),
    description: shortText.nullable().optional(),
    ...selection,
    /** `active` lets a webhook go on that was paused or disabled. */
    status: z.enum(settable, { error: 'must be "active" or "paused"' }).optional(),
  })
  .refine(
    (patch) => Object.keys(patch).length > 0,
    "give url, description, events, metadata_filter, status or several of them; nothing else of a webhook can change",
  );
export type PatchWebhookRequest = z.output<typeof patchWebhookRequest>;

export const rotateWebhookRequest = z.strictObject({
  /** How long calls carry signatures by the secrets before, too; 0 ends those at once. */
  overlap_seconds: z
    .int({ error: "must be a whole number" })
    .min(0, "must not be negative")
    .max(limits.webhookOverlapSeconds, `must be at most ${limits.webhookOverlapSeconds}`)
    .default(24 * 60 * 60),
});

export const redeliverWebhookRequest = z.strictObject({ from_seq: position });

/** `disabled`: by the server, which says why in `status_reason`. */
export const webhookStatus = z.enum(["active", "paused", "disabled"]);
export type WebhookStatus = z.output<typeof webhookStatus>;

export const webhook = z.object({
  id: uuid,
  library_id: uuid,
  url: z.string(),
  description: z.string().nullable(),
  events: eventSelection.nullable(),
  metadata_filter: filter.nullable(),
  status: webhookStatus,
  status_reason: z.string().nullable(),
  /** The position up to which the receiver has been told everything that it wants to hear. */
  seq: sequenceNumber,
  /** What is wrong since the last call that succeeded. */
  failure: z
    .object({
      since: timestamp,
      attempts: z.int().positive(),
      error: z.string(),
      next_attempt_at: timestamp,
    })
    .nullable(),
  last_success_at: timestamp.nullable(),
  /** Those that calls are signed with, newest first; what they are is told once, when they are made. */
  secrets: z.array(z.object({ created_at: timestamp, expires_at: timestamp.nullable() })),
  created_at: timestamp,
  updated_at: timestamp,
});
export type Webhook = z.output<typeof webhook>;

/** Answers the two requests that make a secret. It cannot be read again. */
export const webhookWithSecret = webhook.extend({ secret: z.string().regex(/^whsec_/) });
export type WebhookWithSecret = z.output<typeof webhookWithSecret>;

export const webhookList = z.object({ webhooks: z.array(webhook) });
export const webhookDeleted = z.object({ deleted: z.literal(true), id: uuid });

/** One call, as the history has it. */
export const webhookDelivery = z.object({
  /** The `webhook-id` of the call; the same for each attempt at the same event. */
  message_id: z.string(),
  /** The type of the event, or `webhook.ping` or `webhook.gap`. */
  type: z.string(),
  /** The position of the event; null for a ping. */
  seq: sequenceNumber.nullable(),
  /** From 1. */
  attempt: z.int().positive(),
  attempted_at: timestamp,
  duration_ms: z.number().min(0),
  delivered: z.boolean(),
  /** Of the answer; null where there was none. */
  status_code: z.int().nullable(),
  /** Why it counts as failed. */
  error: z.string().nullable(),
  /** How the answer's body begins. */
  answer: z.string().nullable(),
});
export type WebhookDelivery = z.output<typeof webhookDelivery>;

/** Newest first. */
export const webhookDeliveryList = z.object({
  deliveries: z.array(webhookDelivery),
  next_cursor: z.string().nullable(),
});

const called = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), library_id: uuid, seq: sequenceNumber, timestamp, data });

/** The body of a call that tests whether calls arrive. `seq` is where the webhook is. */
export const webhookPing = called("webhook.ping", z.object({ webhook_id: uuid }));

/**
 * The body of a call that says what can no longer be told: the events after `missed_after_seq`, up to `seq`, were
 * forgotten before they were delivered.
 */
export const webhookGap = called(
  "webhook.gap",
  z.object({ webhook_id: uuid, missed_after_seq: sequenceNumber, missed_up_to_seq: sequenceNumber }),
);
