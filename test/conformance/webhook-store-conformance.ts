import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import type { WebhookDelivery } from "@arrwdb/protocol/events/webhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../server/src/store/store.ts";
import type { WebhookHolder } from "../../server/src/store/webhook-lease.ts";
import type { DeliveryReport, NewWebhook, StoredWebhook, WebhookStore } from "../../server/src/store/webhook-store.ts";
import { eventually } from "../support/waiting.ts";
import { codeOf, newDocuments } from "./store-fixture.ts";

export interface WebhookStoreHarness {
  readonly store: Store;
  readonly webhooks: WebhookStore;
  /** Closes both and opens them again on the same data. */
  readonly reopen: () => Promise<WebhookStoreHarness>;
  readonly destroy: () => Promise<void>;
}

const time = "2026-01-01T00:00:00.000Z";
const secret = { secret: "whsec_AAAA", createdAt: time, expiresAt: null };
const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
const wanted: NewWebhook = {
  url: "https://example.com/",
  description: null,
  events: ["document.added"],
  filter: { author: "Ada" },
  secrets: [secret],
  fromSeq: undefined,
};
const failure = { since: time, attempts: 2, error: "down", nextAttemptAt: time };
const attempt = (seq: number): WebhookDelivery => ({
  message_id: `evt_${seq}`,
  type: "document.added",
  seq,
  attempt: 1,
  attempted_at: time,
  duration_ms: 1,
  delivered: true,
  status_code: 200,
  error: null,
  answer: "",
});
const reportOf = (
  { id, libraryId, course, revision, epoch, seq }: StoredWebhook,
  changes: Partial<DeliveryReport>,
): DeliveryReport => ({
  libraryId,
  webhookId: id,
  course,
  revision,
  epoch,
  seq,
  failure: null,
  lastSuccessAt: undefined,
  disabled: undefined,
  attempts: [],
  ...changes,
});

/** Keeps what it is given. */
class RecordingHolder implements WebhookHolder {
  readonly held = new Map<string, StoredWebhook>();

  put(webhook: StoredWebhook): void {
    this.held.set(webhook.id, webhook);
  }

  remove(webhookId: string): void {
    this.held.delete(webhookId);
  }

  async giveUp(webhookId: string): Promise<void> {
    this.remove(webhookId);
  }

  lapse(): void {
    // Nothing is in progress.
  }

  resume(): void {
    // Nothing waits.
  }
}

/** Every promise of the `WebhookStore` interface. */
export function describeWebhookStore(name: string, open: () => Promise<WebhookStoreHarness>): void {
  describe(`${name} keeps the promises of a webhook store:`, () => {
    let harness: WebhookStoreHarness;
    let library: string;

    const create = (changes: Partial<NewWebhook> = {}) =>
      harness.webhooks.createWebhook(library, { ...wanted, ...changes });
    const get = ({ id }: StoredWebhook) => harness.webhooks.getWebhook(library, id);
    const newLibrary = async () => {
      const made = await harness.store.libraries.create({
        name: "Library",
        description: null,
        embeddingModel: "none",
        dimension: 8,
        events: defaultEventSettings,
      });
      return made.id;
    };

    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness.destroy());
    beforeEach(async () => {
      library = await newLibrary();
      await harness.store.documents.write(library, newDocuments(9));
    });

    it("a webhook is what was asked for, at the library's position, and stays", async () => {
      const made = await create();
      const { fromSeq: _, ...settings } = wanted;
      expect(made).toMatchObject({ ...settings, libraryId: library, status: "active", seq: 10 });
      harness = await harness.reopen();
      expect(await get(made)).toEqual(made);
      expect(await harness.webhooks.listWebhooks(library)).toEqual([made]);
      expect((await create({ fromSeq: 0 })).seq).toBe(0);
      expect(await codeOf(create({ fromSeq: 11 }))).toBe("position_ahead");
      expect(await codeOf(harness.webhooks.createWebhook(absent, wanted))).toBe("library_not_found");
      expect(await codeOf(harness.webhooks.getWebhook(await newLibrary(), made.id))).toBe("webhook_not_found");
    });

    it("a holder is given those of all libraries, and told of changes, and the next one goes on", async () => {
      const made = [await create(), await create()];
      const other = await newLibrary();
      const gone = await harness.webhooks.createWebhook(await newLibrary(), wanted);
      await harness.store.libraries.delete(gone.libraryId);
      const holder = new RecordingHolder();
      const lease = await harness.webhooks.hold(holder);
      expect(lease.isValid).toBe(true);
      await eventually(() => made.every(({ id }) => holder.held.has(id)));
      const added = await harness.webhooks.createWebhook(other, wanted);
      await eventually(() => holder.held.has(added.id));
      await harness.webhooks.updateWebhook(other, added.id, { status: "paused" });
      await eventually(() => holder.held.get(added.id)?.status === "paused");
      await harness.webhooks.deleteWebhook(other, added.id);
      await eventually(() => !holder.held.has(added.id));
      expect(holder.held.has(gone.id)).toBe(false);
      lease.takeNoMore();
      await lease.end();
      const next = new RecordingHolder();
      const nextLease = await harness.webhooks.hold(next);
      await eventually(() => made.every(({ id }) => next.held.has(id)));
      expect([...next.held.values()].filter(({ id }) => made.some((each) => each.id === id))).toEqual(
        await harness.webhooks.listWebhooks(library),
      );
      await nextLease.end();
    });

    it("a report of a deleted library's webhook is skipped", async () => {
      const made = await create();
      await harness.store.libraries.delete(library);
      expect(await codeOf(harness.webhooks.listWebhooks(library))).toBe("library_not_found");
      await harness.webhooks.reportDeliveries([reportOf(made, { seq: 10 })]);
    });

    it("a report of another holder moves nothing, but is in the history", async () => {
      const made = await create({ fromSeq: 0 });
      const stale = { seq: 7, failure, disabled: "gone", lastSuccessAt: time, attempts: [attempt(7)] };
      await harness.webhooks.reportDeliveries([reportOf({ ...made, epoch: made.epoch - 1 }, stale)]);
      expect(await get(made)).toEqual(made);
      expect((await harness.webhooks.listDeliveries(library, made.id, { limit: 9 })).items).toEqual([attempt(7)]);
    });

    it("a report moves it, judges it, and adds to its history, of which the newest are kept", async () => {
      const made = await create({ fromSeq: 0 });
      const first = reportOf(made, { seq: 4, failure, lastSuccessAt: time, attempts: [attempt(3), attempt(4)] });
      await harness.webhooks.reportDeliveries([first, reportOf(await create(), { attempts: [attempt(9)] })]);
      expect(await get(made)).toMatchObject({ seq: 4, failure, lastSuccessAt: time, status: "active" });
      const newest = (limit: number) => harness.webhooks.listDeliveries(library, made.id, { limit });
      expect((await newest(10)).items).toEqual([attempt(4), attempt(3)]);
      const many = Array.from({ length: 600 }, (_, index) => attempt(index));
      await harness.webhooks.reportDeliveries([reportOf(made, { seq: 5, disabled: "gone", attempts: many })]);
      expect(await get(made)).toMatchObject({ status: "disabled", statusReason: "gone", seq: 5, failure: null });
      const { items } = await newest(1_000);
      expect([items.length, items[0]?.seq, items.at(-1)?.seq]).toEqual([500, 599, 100]);
    });

    it("a report about another course moves nothing, and one about an earlier revision judges nothing", async () => {
      const made = await create({ fromSeq: 0 });
      const described = await harness.webhooks.updateWebhook(library, made.id, { description: "new" });
      await harness.webhooks.reportDeliveries([reportOf(made, { seq: 3, failure, disabled: "gone" })]);
      expect(await get(made)).toMatchObject({ seq: 3, failure: null, status: "active", description: "new" });
      const moved = await harness.webhooks.updateWebhook(library, made.id, { seq: 1 });
      await harness.webhooks.reportDeliveries([reportOf(described, { seq: 7, failure, attempts: [attempt(7)] })]);
      expect(await get(made)).toEqual(moved);
      expect((await harness.webhooks.listDeliveries(library, made.id, { limit: 9 })).items).toEqual([attempt(7)]);
      expect(await codeOf(harness.webhooks.updateWebhook(library, made.id, { seq: 11 }))).toBe("position_ahead");
    });

    it("another address, status or position forgets the failure, and nothing else does", async () => {
      const made = await create();
      const change = async (patch: Parameters<WebhookStore["updateWebhook"]>[2]) => {
        await harness.webhooks.reportDeliveries([reportOf(await get(made), { failure, disabled: "gone" })]);
        const { status, statusReason, failure: left } = await harness.webhooks.updateWebhook(library, made.id, patch);
        return [status, statusReason, left];
      };
      expect(await change({ description: "x", events: null, filter: null })).toEqual(["disabled", "gone", failure]);
      expect(await change({ url: "https://example.org/" })).toEqual(["disabled", "gone", null]);
      expect(await change({ status: "active" })).toEqual(["active", null, null]);
      expect(await change({ seq: 2 })).toEqual(["disabled", "gone", null]);
    });

    it("a new secret is the first, and the others end no later than before", async () => {
      const made = await create();
      const rotate = async (year: number, end: number) => {
        const newest = { secret: `whsec_${year}`, createdAt: `${year}-01-01T00:00:00.000Z`, expiresAt: null };
        const rotation = { newest, othersExpireAt: `${end}-01-01T00:00:00.000Z` };
        const { secrets } = await harness.webhooks.updateWebhook(library, made.id, { rotation });
        return secrets.map(({ secret: value, expiresAt }) => `${value} ${expiresAt?.slice(0, 4) ?? ""}`);
      };
      expect(await rotate(2030, 2032)).toEqual(["whsec_2030 ", "whsec_AAAA 2032"]);
      expect(await rotate(2031, 2040)).toEqual(["whsec_2031 ", "whsec_2030 2040", "whsec_AAAA 2032"]);
      expect(await rotate(2033, 2033)).toEqual(["whsec_2033 "]);
    });

    it("deleted, it is gone with its history", async () => {
      const made = await create();
      await harness.webhooks.deleteWebhook(library, made.id);
      expect(await codeOf(get(made))).toBe("webhook_not_found");
      expect(await codeOf(harness.webhooks.deleteWebhook(library, made.id))).toBe("webhook_not_found");
      expect(await codeOf(harness.webhooks.listDeliveries(library, made.id, { limit: 1 }))).toBe("webhook_not_found");
    });
  });
}
