import type { EventType } from "@arrwdb/protocol/events/events";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { WebhookDelivery, WebhookStatus } from "@arrwdb/protocol/events/webhooks";
import type { Page, PageRequest } from "./page.ts";
import type { WebhookHolder, WebhookLease } from "./webhook-lease.ts";

/** A secret that signs deliveries. */
export interface WebhookSecret {
  /** As shown to its owner: `whsec_` and base64. */
  readonly secret: string;
  readonly createdAt: string;
  /** Null for the newest. */
  readonly expiresAt: string | null;
}

/** Failure state since the last successful delivery. */
export interface WebhookFailure {
  readonly since: string;
  readonly attempts: number;
  readonly error: string;
  readonly nextAttemptAt: string;
}

export interface WebhookSettings {
  readonly url: string;
  readonly description: string | null;
  /** Null for all types. */
  readonly events: readonly EventType[] | null;
  readonly filter: Filter | null;
  /** Newest first. */
  readonly secrets: readonly WebhookSecret[];
  /** Id of the API key that last created or changed it; null or absent if there was none. */
  readonly owner?: string | null | undefined;
}

export interface NewWebhook extends WebhookSettings {
  /** Deliver events after this position; defaults to the library's current one. */
  readonly fromSeq: number | undefined;
}

export interface StoredWebhook extends WebhookSettings {
  readonly id: string;
  readonly libraryId: string;
  readonly status: WebhookStatus;
  readonly statusReason: string | null;
  /** Every event up to this position was delivered or did not match. */
  readonly seq: number;
  /** How often the position was set explicitly; reports about an earlier course do not move it. */
  readonly course: number;
  /** How often the webhook was changed; reports about an earlier revision do not affect its failure or state. */
  readonly revision: number;
  /** How often another process took it over; reports of an earlier holder move nothing. */
  readonly epoch: number;
  readonly failure: WebhookFailure | null;
  readonly lastSuccessAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A new secret, and when the previous ones expire. */
export interface SecretRotation {
  readonly newest: WebhookSecret;
  /** Secrets that expire earlier keep their own time. */
  readonly othersExpireAt: string;
}

/** The mutable properties of a webhook; undefined leaves one unchanged. */
export interface WebhookPatch {
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  readonly events?: readonly EventType[] | null | undefined;
  readonly filter?: Filter | null | undefined;
  readonly rotation?: SecretRotation | undefined;
  readonly status?: WebhookStatus | undefined;
  /** Why it was disabled, if it was. */
  readonly disabled?: string | undefined;
  readonly owner?: string | null | undefined;
  /** Sets the position. */
  readonly seq?: number | undefined;
}

/** Results of a webhook's deliveries. */
export interface DeliveryReport {
  readonly libraryId: string;
  readonly webhookId: string;
  /** Course, revision and epoch of the webhook that the deliveries were made for. */
  readonly course: number;
  readonly revision: number;
  readonly epoch: number;
  readonly seq: number;
  readonly failure: WebhookFailure | null;
  /** Undefined if no delivery succeeded. */
  readonly lastSuccessAt: string | undefined;
  /** Why it is to be disabled, if it is. */
  readonly disabled: string | undefined;
  /** Oldest first. */
  readonly attempts: readonly WebhookDelivery[];
}

/**
 * The core's port to webhooks. Every failure is an `ArrwError`, including `library_not_found` and `webhook_not_found`;
 * resolved writes are durable. Deleting a library deletes its webhooks.
 */
export interface WebhookStore {
  /** @throws ArrwError `too_many_webhooks`, `position_expired`, `position_ahead` */
  createWebhook(libraryId: string, webhook: NewWebhook): Promise<StoredWebhook>;
  getWebhook(libraryId: string, webhookId: string): Promise<StoredWebhook>;
  /** All of them, in order of creation; there are few, so there is no paging. */
  listWebhooks(libraryId: string): Promise<readonly StoredWebhook[]>;
  /**
   * Gives the holder webhooks of all libraries to deliver, and tells it of their changes, whoever makes them. A webhook has
   * one holder at a time, and one that ends is followed by another. Called once.
   */
  hold(holder: WebhookHolder): Promise<WebhookLease>;
  /**
   * Increments the revision. A new URL, status or position clears the failure, and a new position starts a new course.
   *
   * @throws ArrwError `position_expired`, `position_ahead`
   */
  updateWebhook(libraryId: string, webhookId: string, patch: WebhookPatch): Promise<StoredWebhook>;
  /** Deletes the webhook and its history. */
  deleteWebhook(libraryId: string, webhookId: string): Promise<void>;
  /**
   * Appends to the delivery histories, which keep the newest attempts. A report with an earlier epoch does nothing else.
   * Moves the position only if the report has the webhook's current course, and updates failure and state only if it has
   * its current revision. Reports about deleted webhooks are skipped.
   */
  reportDeliveries(reports: readonly DeliveryReport[]): Promise<void>;
  /** Newest first. */
  listDeliveries(libraryId: string, webhookId: string, page: PageRequest): Promise<Page<WebhookDelivery>>;
}
