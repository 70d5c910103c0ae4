import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type {
  DeliveryReport,
  NewWebhook,
  SecretRotation,
  StoredWebhook,
  WebhookPatch,
  WebhookSecret,
} from "./webhook-store.ts";

/** What every adapter makes of a webhook; where it is stored is the adapter's. */

/** @throws ArrwError `too_many_webhooks` */
export function checkWebhookCounts(counts: { readonly ofLibrary: number; readonly all: number }): void {
  if (counts.ofLibrary >= limits.webhooksPerLibrary) throw tooMany("library", limits.webhooksPerLibrary);
  if (counts.all >= limits.webhooks) throw tooMany("server", limits.webhooks);
}

const tooMany = (whose: string, maximum: number): ArrwError =>
  new ArrwError("too_many_webhooks", `The ${whose} has reached its maximum of ${maximum} webhooks; delete one first`);

export const webhookNotFound = (webhookId: string): ArrwError =>
  new ArrwError("webhook_not_found", `The library has no webhook ${webhookId}`);

/** @param place its id, its library and that library's position */
export function createdWebhook(
  { fromSeq, ...settings }: NewWebhook,
  place: { readonly id: string; readonly libraryId: string; readonly seq: number },
  now: Date,
): StoredWebhook {
  const createdAt = now.toISOString();
  return {
    ...settings,
    id: place.id,
    libraryId: place.libraryId,
    status: "active",
    statusReason: null,
    seq: fromSeq ?? place.seq,
    course: 0,
    revision: 0,
    epoch: 0,
    failure: null,
    lastSuccessAt: null,
    createdAt,
    updatedAt: createdAt,
  };
}

/** The webhook after a change of its properties. */
export function changedWebhook(webhook: StoredWebhook, patch: WebhookPatch, now: Date): StoredWebhook {
  const status = patch.disabled === undefined ? patch.status : "disabled";
  const begins = patch.url !== undefined || status !== undefined || patch.seq !== undefined;
  return {
    ...webhook,
    url: patch.url ?? webhook.url,
    description: patch.description === undefined ? webhook.description : patch.description,
    events: patch.events === undefined ? webhook.events : patch.events,
    filter: patch.filter === undefined ? webhook.filter : patch.filter,
    secrets: patch.rotation === undefined ? webhook.secrets : rotated(webhook.secrets, patch.rotation),
    owner: patch.owner === undefined ? webhook.owner : patch.owner,
    status: status ?? webhook.status,
    statusReason: status === undefined ? webhook.statusReason : (patch.disabled ?? null),
    seq: patch.seq ?? webhook.seq,
    course: webhook.course + (patch.seq === undefined ? 0 : 1),
    revision: webhook.revision + 1,
    failure: begins ? null : webhook.failure,
    updatedAt: now.toISOString(),
  };
}

/** The webhook after a report of its deliveries. */
export function reportedWebhook(webhook: StoredWebhook, report: DeliveryReport): StoredWebhook {
  if (report.epoch !== webhook.epoch) return webhook;
  const moved: StoredWebhook = {
    ...webhook,
    seq: report.course === webhook.course ? report.seq : webhook.seq,
    lastSuccessAt: report.lastSuccessAt ?? webhook.lastSuccessAt,
  };
  if (report.revision !== webhook.revision) return moved;
  const { failure, disabled } = report;
  return disabled === undefined
    ? { ...moved, failure }
    : { ...moved, failure, status: "disabled", statusReason: disabled };
}

function rotated(secrets: readonly WebhookSecret[], { newest, othersExpireAt }: SecretRotation): WebhookSecret[] {
  const others = secrets
    .map((secret) => {
      const { expiresAt } = secret;
      return { ...secret, expiresAt: expiresAt !== null && expiresAt < othersExpireAt ? expiresAt : othersExpireAt };
    })
    .filter(({ expiresAt }) => expiresAt > newest.createdAt);
  return [newest, ...others].slice(0, limits.webhookSecrets);
}
