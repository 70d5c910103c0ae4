import { randomUUID } from "node:crypto";
import type { webhookGap, webhookPing } from "@arrwdb/protocol/events/webhooks";
import type { z } from "zod";
import type { StoredWebhook } from "../../store/webhook-store.ts";
import type { PublishedEvent } from "../events/published-event.ts";

/** The result of one call. */
export interface Message {
  /** The same for every attempt, so that receivers can discard duplicates. */
  readonly id: string;
  readonly type: string;
  readonly seq: number | null;
  readonly body: string;
}

export function eventMessage({ event, json }: PublishedEvent): Message {
  return { id: `evt_${event.library_id}_${event.seq}`, type: event.type, seq: event.seq, body: json };
}

export function pingMessage({ id, libraryId, seq }: StoredWebhook, now: Date): Message {
  const ping: z.output<typeof webhookPing> = {
    type: "webhook.ping",
    library_id: libraryId,
    seq,
    timestamp: now.toISOString(),
    data: { webhook_id: id },
  };
  return { id: `ping_${randomUUID()}`, type: ping.type, seq: null, body: JSON.stringify(ping) };
}

/** Reports that the events after one position, up to another, were deleted. */
export function gapMessage({ id, libraryId }: StoredWebhook, after: number, upTo: number, now: Date): Message {
  const gap: z.output<typeof webhookGap> = {
    type: "webhook.gap",
    library_id: libraryId,
    seq: upTo,
    timestamp: now.toISOString(),
    data: { webhook_id: id, missed_after_seq: after, missed_up_to_seq: upTo },
  };
  return { id: `gap_${id}_${after}_${upTo}`, type: gap.type, seq: upTo, body: JSON.stringify(gap) };
}
