import type { EventType } from "@arrwdb/protocol/events";
import type { Filter } from "@arrwdb/protocol/filter";
import type { WebhookDelivery, WebhookStatus } from "@arrwdb/protocol/webhooks";
import type { Page, PageRequest } from "./page.ts";

/** A key that calls are signed with. */
export interface WebhookSecret {
  /** As its owner was told it: `whsec_` and base64. */
  readonly secret: string;
  readonly createdAt: string;
  /** Null for the newest. */
  readonly expiresAt: string | null;
}

/** What is wrong since the last call that succeeded. */
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
  /** The id of the key that it was made or changed with last; null or absent where there was none. */
  readonly owner?: string | null | undefined;
}

export interface NewWebhook extends WebhookSettings {
  /** The position after which it begins; the library's own where it is undefined. */
  readonly fromSeq: number | undefined;
}

export interface StoredWebhook extends WebhookSettings {
  readonly id: string;
  readonly libraryId: string;
  readonly status: WebhookStatus;
  readonly statusReason: string | null;
  /** Everything up to here was delivered, or was not asked for. */
  readonly seq: number;
  /** How often its position was set from outside; a report about another course does not move it. */
  readonly course: number;
  /** How often it was changed; a report about an earlier state of it does not judge it. */
  readonly revision: number;
  readonly failure: WebhookFailure | null;
  readonly lastSuccessAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A new secret, and when those before it end. */
export interface SecretRotation {
  readonly newest: WebhookSecret;
  /** Those that end earlier anyway still do. */
  readonly othersExpireAt: string;
}

/** What of a webhook can change; what is undefined stays as it is. */
export interface WebhookPatch {
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  readonly events?: readonly EventType[] | null | undefined;
  readonly filter?: Filter | null | undefined;
  readonly rotation?: SecretRotation | undefined;
  readonly status?: WebhookStatus | undefined;
  /** Why it is to be called no more, if so. */
  readonly disabled?: string | undefined;
  readonly owner?: string | null | undefined;
  /** Sets the position. */
  readonly seq?: number | undefined;
}

/** What became of a webhook's calls. */
export interface DeliveryReport {
  readonly webhookId: string;
  /** Those of the webhook that was called. */
  readonly course: number;
  readonly revision: number;
  readonly seq: number;
  readonly failure: WebhookFailure | null;
  /** Undefined where no call succeeded. */
  readonly lastSuccessAt: string | undefined;
  /** Why it is to be called no more, if so. */
  readonly disabled: string | undefined;
  /** Oldest first. */
  readonly attempts: readonly WebhookDelivery[];
}

/**
 * The core's port to what is known of webhooks. Every failure is an `ArrwError`, `library_not_found` and
 * `webhook_not_found` among them; what resolved is durable. A webhook ends with its library.
 */
export interface WebhookStore {
  /** @throws ArrwError `too_many_webhooks`, `position_expired`, `position_ahead` */
  createWebhook(libraryId: string, webhook: NewWebhook): Promise<StoredWebhook>;
  getWebhook(libraryId: string, webhookId: string): Promise<StoredWebhook>;
  /** In the order of creation; all of them, as there are few. */
  listWebhooks(libraryId: string): Promise<readonly StoredWebhook[]>;
  /** Those of all libraries, in the order of creation. */
  allWebhooks(page: PageRequest): Promise<Page<StoredWebhook>>;
  /**
   * Counts as a revision. Another address, status or position forgets the failure, and a position begins a new course.
   *
   * @throws ArrwError `position_expired`, `position_ahead`
   */
  updateWebhook(libraryId: string, webhookId: string, patch: WebhookPatch): Promise<StoredWebhook>;
  /** Removes it with its history. */
  deleteWebhook(libraryId: string, webhookId: string): Promise<void>;
  /**
   * Adds to the histories, of which the newest attempts are kept. The position moves where the report is of the webhook's
   * course, and its failure and state where it is of its revision. Reports about webhooks that are gone are left out.
   */
  reportDeliveries(reports: readonly DeliveryReport[]): Promise<void>;
  /** Newest first. */
  listDeliveries(libraryId: string, webhookId: string, page: PageRequest): Promise<Page<WebhookDelivery>>;
}
