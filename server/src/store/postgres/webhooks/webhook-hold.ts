import type { WebhookHolder, WebhookLease } from "../../webhook-lease.ts";
import type { StoredWebhook } from "../../webhook-store.ts";
import type { PostgresDatabase } from "../database/postgres-database.ts";
import { claimWebhooks, readChanged, readShares, releaseWebhook, type Shares } from "./held-webhooks.ts";
import { HolderRegistry } from "./holder-registry.ts";

/** Milliseconds between renewals, and between looks for changes whose hint was lost. */
const renewEvery = 1_000;

export interface WebhookHoldOptions {
  readonly database: PostgresDatabase;
  readonly holder: WebhookHolder;
  /** Resolves when this node knows the keys that there are. A webhook whose owner it does not know would be disabled. */
  readonly keysKnown: () => Promise<void>;
  /** Tells other nodes that there are webhooks to take. */
  readonly tell: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * The webhooks that this node delivers: a fair share, so that a node that joins gets some, and those of one that ends go to
 * the others.
 */
export class WebhookHold implements WebhookLease {
  readonly #options: WebhookHoldOptions;
  readonly #registry: HolderRegistry;
  /** As told to the holder last. */
  readonly #held = new Map<string, StoredWebhook>();
  /** Those that are being left to others. */
  readonly #givingUp = new Set<string>();
  #takesMore = true;
  #isClosed = false;
  #hasLapsed = false;
  #renewing: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  #isLookWanted = false;
  #renewal: NodeJS.Timeout | undefined;
  #lapse: NodeJS.Timeout | undefined;

  constructor(options: WebhookHoldOptions) {
    this.#options = options;
    this.#registry = new HolderRegistry(options.database);
  }

  get isValid(): boolean {
    return this.#registry.isValid;
  }

  /** @throws ArrwError */
  async begin(): Promise<void> {
    await this.#renew();
    await this.look();
    this.#renewLater();
  }

  takeNoMore(): void {
    this.#takesMore = false;
  }

  async end(): Promise<void> {
    if (this.#isClosed) return;
    await this.close();
    await this.#registry.leave();
    this.#options.tell();
  }

  /** Without a word to others, which notice in time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#registry.stop();
    clearTimeout(this.#renewal);
    clearTimeout(this.#lapse);
    this.#options.holder.lapse();
    await Promise.all([this.#renewing, this.#looking]);
    // A renewal that was in progress has begun it again.
    this.#registry.stop();
  }

  /** A webhook was changed by this node. */
  changed(webhook: StoredWebhook): void {
    if (this.#held.get(webhook.id)?.epoch === webhook.epoch) this.#put(webhook);
  }

  deleted(webhookId: string): void {
    if (this.#held.delete(webhookId)) this.#options.holder.remove(webhookId);
  }

  /** Looks for changes by any node, and for webhooks to take. */
  look(): Promise<void> {
    this.#isLookWanted = true;
    this.#looking ??= this.#lookOften().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  #renewLater(): void {
    if (this.#isClosed) return;
    this.#renewal = setTimeout(() => {
      this.#renewing = this.#renew()
        .then(() => void this.look())
        .catch((error: unknown) => this.#fail(error))
        .finally(() => this.#renewLater());
    }, renewEvery).unref();
  }

  async #renew(): Promise<void> {
    const wasValid = this.isValid && !this.#hasLapsed;
    const isLost = await this.#registry.renew();
    if (this.#isClosed) return;
    if (isLost) for (const id of this.#held.keys()) this.deleted(id);
    this.#hasLapsed = false;
    clearTimeout(this.#lapse);
    this.#lapse = setTimeout(() => this.#lapsed(), this.#registry.remaining).unref();
    if (!wasValid) this.#options.holder.resume();
  }

  #lapsed(): void {
    if (this.isValid) return;
    this.#hasLapsed = true;
    this.#options.holder.lapse();
  }

  async #lookOften(): Promise<void> {
    while (this.#isLookWanted && !this.#isClosed) {
      this.#isLookWanted = false;
      try {
        await this.#look();
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  async #look(): Promise<void> {
    const { database } = this.#options;
    const { id } = this.#registry;
    if (id === undefined || !this.isValid) return;
    await this.#registry.expelOthers();
    const all = await readChanged(database, id, this.#held.values());
    if (all !== undefined) await this.#take(id, all);
    if (!this.#takesMore) return;
    const shares = await readShares(database, id);
    if (shares.free > 0 && shares.own < shares.fair) {
      const claimed = await claimWebhooks(database, id, shares.fair - shares.own);
      await this.#add(id, claimed);
      // There may be more, or others were faster with these.
      this.#isLookWanted ||= claimed.length > 0;
    } else this.#giveUpSurplus(id, shares);
  }

  /** Takes over all that there is. */
  async #take(id: string, all: readonly StoredWebhook[]): Promise<void> {
    const present = new Set(all.map((webhook) => webhook.id));
    for (const known of this.#held.keys()) if (!present.has(known)) this.deleted(known);
    await this.#add(id, all);
  }

  async #add(id: string, webhooks: readonly StoredWebhook[]): Promise<void> {
    if (webhooks.length === 0) return;
    await this.#options.keysKnown();
    // The lease may have been lost meanwhile.
    if (this.#registry.id === id && !this.#isClosed) for (const webhook of webhooks) this.#put(webhook);
  }

  #put(webhook: StoredWebhook): void {
    const known = this.#held.get(webhook.id);
    const isOlder =
      known !== undefined &&
      (webhook.epoch < known.epoch || (webhook.epoch === known.epoch && webhook.revision <= known.revision));
    if (isOlder) return;
    this.#held.set(webhook.id, webhook);
    if (!this.#givingUp.has(webhook.id)) this.#options.holder.put(webhook);
  }

  #giveUpSurplus(id: string, { own, fair }: Shares): void {
    const surplus = own - fair - this.#givingUp.size;
    if (surplus <= 0) return;
    for (const webhook of [...this.#held.values()].slice(-surplus)) {
      if (!this.#givingUp.has(webhook.id)) void this.#giveUp(id, webhook);
    }
  }

  async #giveUp(id: string, webhook: StoredWebhook): Promise<void> {
    this.#givingUp.add(webhook.id);
    try {
      await this.#options.holder.giveUp(webhook.id);
      await releaseWebhook(this.#options.database, id, webhook);
      this.#held.delete(webhook.id);
      this.#options.tell();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#givingUp.delete(webhook.id);
    }
  }

  #fail(error: unknown): void {
    if (!this.#isClosed) this.#options.onError(error);
  }
}
