import { z } from "zod";
import { eventSelection } from "./events.ts";
import { filter } from "../filter/filter.ts";
import { limits } from "../limits.ts";
import { boundedText, position, sequenceNumber, shortText, timestamp, uuid } from "../text.ts";

/** Why the address cannot be called, or undefined. The resolved IP address is checked on each call. */
function addressFault(text: string): string | undefined {
  if (!URL.canParse(text)) return "must be a URL such as https://example.com/hooks";
  const { protocol, username, password } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return "must begin with https:// or http://";
  if (username !== "" || password !== "") {
    return "must not contain a user name or password; calls are signed, so the receiver verifies the signature instead";
  }
  return text.includes("#") ? "must not have a fragment (#), which is never sent" : undefined;
}

const webhookUrl = boundedText(limits.shortText, 1).superRefine((text, context) => {
  const fault = addressFault(text);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

/** A normalized address: lower case where case has no meaning, without redundant parts. */
export const normalAddress = (url: string): string => new URL(url).href;

const selection = {
  events: eventSelection.nullable().optional().describe("Event types to send; null or absent for all"),
  metadata_filter: filter
    .nullable()
    .optional()
    .describe("Filter on the document that an event is about; events that are not about a document pass"),
};

export const createWebhookRequest = z.strictObject({
  url: webhookUrl.describe("The URL to call"),
  description: shortText.nullable().optional().describe("A description"),
  ...selection,
  from_seq: position
    .optional()
    .describe(
      "The position after which to start; the library's current one if absent, so that only new events are sent",
    ),
});
export type CreateWebhookRequest = z.output<typeof createWebhookRequest>;

const settable = ["active", "paused"] as const;

export const patchWebhookRequest = z
  .strictObject({
    url: webhookUrl.optional().describe("The URL to call"),
    description: shortText.nullable().optional().describe("A description"),
    ...selection,
    status: z
      .enum(settable, { error: 'must be "active" or "paused"' })
      .optional()
      .describe("`active` resumes a paused or disabled webhook"),
  })
  .refine(
    (patch) => Object.keys(patch).length > 0,
    "give one or more of url, description, events, metadata_filter and status; nothing else of a webhook can be changed",
  );
export type PatchWebhookRequest = z.output<typeof patchWebhookRequest>;

export const rotateWebhookRequest = z.strictObject({
  overlap_seconds: z
    .int({ error: "must be a whole number" })
    .min(0, "must not be negative")
    .max(limits.webhookOverlapSeconds, `must be at most ${limits.webhookOverlapSeconds}`)
    .default(24 * 60 * 60)
    .describe("Seconds for which calls are also signed with the previous secrets; 0 invalidates those at once"),
});

export const redeliverWebhookRequest = z.strictObject({ from_seq: position });

/** `disabled`: by the server; the reason is in `status_reason`. */
export const webhookStatus = z.enum(["active", "paused", "disabled"]);
export type WebhookStatus = z.output<typeof webhookStatus>;

export const webhook = z.object({
  id: uuid.describe("Its id"),
  library_id: uuid.describe("The library whose events it sends"),
  url: z.string().describe("The URL to call"),
  description: z.string().nullable().describe("A description"),
  events: eventSelection.nullable().describe("Event types it sends; null for all"),
  metadata_filter: filter.nullable().describe("Filter on the document that an event is about"),
  status: webhookStatus.describe("Whether it is called; `disabled` is set by the server, with a reason"),
  status_reason: z.string().nullable().describe("Why it is disabled"),
  seq: sequenceNumber.describe("The position up to which all selected events have been delivered"),
  failure: z
    .object({
      since: timestamp,
      attempts: z.int().positive(),
      error: z.string(),
      next_attempt_at: timestamp,
    })
    .nullable()
    .describe("What has been failing since the last successful call"),
  last_success_at: timestamp.nullable().describe("When a call last succeeded, in UTC"),
  secrets: z
    .array(z.object({ created_at: timestamp, expires_at: timestamp.nullable() }))
    .describe("The secrets that calls are signed with, newest first; their values are returned only once, on creation"),
  created_at: timestamp.describe("When it was created, in UTC"),
  updated_at: timestamp.describe("When it was last changed, in UTC"),
});
export type Webhook = z.output<typeof webhook>;

/** Answers the two requests that make a secret. It cannot be read again. */
export const webhookWithSecret = webhook.extend({ secret: z.string().regex(/^whsec_/) });
export type WebhookWithSecret = z.output<typeof webhookWithSecret>;

export const webhookList = z.object({ webhooks: z.array(webhook) });
export const webhookDeleted = z.object({ deleted: z.literal(true), id: uuid });

/** One call, as the history has it. */
export const webhookDelivery = z.object({
  message_id: z.string().describe("The `webhook-id` of the call; the same for each attempt at the same event"),
  type: z.string().describe("The type of the event, or `webhook.ping` or `webhook.gap`"),
  seq: sequenceNumber.nullable().describe("The position of the event; null for a ping"),
  attempt: z.int().positive().describe("Which attempt at the event it was, from 1"),
  attempted_at: timestamp.describe("When the attempt was made, in UTC"),
  duration_ms: z.number().min(0).describe("Duration in ms"),
  delivered: z.boolean().describe("Whether the call succeeded"),
  status_code: z.int().nullable().describe("The HTTP status of the response; null if there was none"),
  error: z.string().nullable().describe("Why the call failed"),
  answer: z.string().nullable().describe("The beginning of the response body"),
});
export type WebhookDelivery = z.output<typeof webhookDelivery>;

/** Newest first. */
export const webhookDeliveryList = z.object({
  deliveries: z.array(webhookDelivery),
  next_cursor: z.string().nullable(),
});

const called = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), library_id: uuid, seq: sequenceNumber, timestamp, data });

/** The body of a test call. `seq` is the position of the webhook. */
export const webhookPing = called("webhook.ping", z.object({ webhook_id: uuid }));

/**
 * The body of a call that reports a gap: the events after `missed_after_seq`, up to `seq`, were deleted before they
 * were delivered.
 */
export const webhookGap = called(
  "webhook.gap",
  z.object({ webhook_id: uuid, missed_after_seq: sequenceNumber, missed_up_to_seq: sequenceNumber }),
);
