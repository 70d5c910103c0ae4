import { limits } from "@arrwdb/protocol/limits";
import { v7 as uuidv7 } from "uuid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditLog, NewAuditEntry } from "../../server/src/store/audit-log.ts";
import type { KeyChange, KeyStore, StoredKey } from "../../server/src/store/key-store.ts";
import { codeOf } from "./store-fixture.ts";

export interface KeyStoreHarness {
  readonly keys: KeyStore & AuditLog;
  /** Closes it and opens it again on the same data. */
  readonly reopen: () => Promise<KeyStoreHarness>;
  readonly destroy: () => Promise<void>;
}

const time = "2026-01-01T00:00:00.000Z";
const later = "2026-01-02T00:00:00.000Z";
const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";

const keyNamed = (name: string, changes: Partial<StoredKey> = {}): StoredKey => ({
  id: uuidv7(),
  name,
  scope: "read",
  libraries: null,
  limits: {},
  hash: new Uint8Array(32).fill(name.length),
  createdAt: time,
  expiresAt: null,
  lastUsedAt: null,
  ...changes,
});

const entryOf = (subject: string, changes: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  timestamp: time,
  key_id: null,
  key_name: "nobody",
  operation: "deleteLibrary",
  subject,
  status: 204,
  code: null,
  request_id: "request",
  address: "127.0.0.1",
  ...changes,
});

/** Every promise of the `KeyStore` and `AuditLog` interfaces. */
export function describeKeyStore(name: string, open: () => Promise<KeyStoreHarness>): void {
  describe(`${name} keeps the promises of a key store:`, () => {
    let harness: KeyStoreHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.destroy());

    const reopen = async () => {
      harness = await harness.reopen();
    };
    const ids = async () => (await harness.keys.listKeys()).map(({ id }) => id);

    it("keys are listed in the order of creation, as they were written, and after opening again", async () => {
      const keys = [
        keyNamed("all"),
        keyNamed("limited", { scope: "write", libraries: [absent], limits: { connections: 3 } }),
        keyNamed("of no library", { scope: "admin", libraries: [], expiresAt: later, lastUsedAt: time }),
      ];
      for (const key of keys) await harness.keys.createKey(key);
      expect(await harness.keys.listKeys()).toEqual(keys);
      await reopen();
      expect(await harness.keys.listKeys()).toEqual(keys);
    });

    it("a key that is revoked is gone for good, and only once", async () => {
      const [one, other] = [keyNamed("one"), keyNamed("other")];
      await harness.keys.createKey(one);
      await harness.keys.createKey(other);
      await harness.keys.revokeKey(one.id, false);
      expect(await ids()).toEqual([other.id]);
      expect(await codeOf(harness.keys.revokeKey(one.id, false))).toBe("key_not_found");
      expect(await codeOf(harness.keys.revokeKey(absent, false))).toBe("key_not_found");
      await reopen();
      expect(await ids()).toEqual([other.id]);
    });

    it("the last key that may do everything, for ever, stays where it is to be kept, whoever asks at once", async () => {
      const admins = [keyNamed("one", { scope: "admin" }), keyNamed("other", { scope: "admin" })];
      const others = [
        keyNamed("reads"),
        keyNamed("limited", { scope: "admin", libraries: [absent] }),
        keyNamed("ends", { scope: "admin", expiresAt: later }),
      ];
      for (const key of [...admins, ...others]) await harness.keys.createKey(key);
      const revoked = admins.map(({ id }) => codeOf(harness.keys.revokeKey(id, true)));
      expect(new Set(await Promise.all(revoked))).toEqual(new Set(["validation_failed", undefined]));
      for (const { id } of others) await harness.keys.revokeKey(id, true);
      const [last = ""] = await ids();
      expect(await ids()).toEqual([last]);
      expect(await codeOf(harness.keys.revokeKey(last, true))).toBe("validation_failed");
      await harness.keys.revokeKey(last, false);
      expect(await ids()).toEqual([]);
    });

    it("listeners have heard of a change when it resolves, and of none after they end", async () => {
      const heard: KeyChange[] = [];
      const end = harness.keys.onKeyChange((change) => heard.push(change));
      const key = keyNamed("one");
      await harness.keys.createKey(key);
      expect(heard).toEqual([{ created: key }]);
      await harness.keys.revokeKey(key.id, false);
      expect(heard.slice(1)).toEqual([{ revoked: key.id }]);
      await codeOf(harness.keys.revokeKey(key.id, false));
      end();
      await harness.keys.createKey(keyNamed("other"));
      expect(heard).toHaveLength(2);
    });

    it("the last use is remembered, whatever became of other keys", async () => {
      const [one, other] = [keyNamed("one"), keyNamed("other")];
      await harness.keys.createKey(one);
      await harness.keys.createKey(other);
      await harness.keys.recordKeyUse([]);
      await harness.keys.recordKeyUse([
        { id: absent, at: later },
        { id: other.id, at: later },
      ]);
      await reopen();
      expect((await harness.keys.listKeys()).map(({ lastUsedAt }) => lastUsedAt)).toEqual([null, later]);
    });

    it("there are no more keys than the limit, and room again where one is revoked", async () => {
      const keys = Array.from({ length: limits.keys }, (_, index) => keyNamed(`key ${index}`));
      await Promise.all(keys.map((key) => harness.keys.createKey(key)));
      const late = keyNamed("late");
      expect(await codeOf(harness.keys.createKey(late))).toBe("too_many_keys");
      expect(await ids()).toHaveLength(limits.keys);
      await harness.keys.revokeKey(keys[0]?.id ?? "", false);
      await harness.keys.createKey(late);
      expect((await ids()).at(-1)).toBe(late.id);
    });

    it("the audit trail is read from its newest entry back, page by page, and after opening again", async () => {
      const subjects = Array.from({ length: 25 }, (_, index) => `/v1/libraries/${index}`);
      await Promise.all(subjects.map((subject) => harness.keys.appendAudit(entryOf(subject))));
      await reopen();
      const refused = entryOf("/v1/keys", { key_id: absent, status: 403, code: "forbidden" });
      await harness.keys.appendAudit(refused);
      const read = [];
      for (let before: number | undefined; ;) {
        const page = await harness.keys.readAudit({ before, limit: 10 });
        if (page.length === 0) break;
        read.push(...page);
        before = page.at(-1)?.id;
      }
      expect(read.map(({ subject }) => subject)).toEqual(["/v1/keys", ...subjects.toReversed()]);
      expect(read[0]).toEqual({ ...refused, id: expect.any(Number) });
      expect(read.map(({ id }) => id)).toEqual(read.map(({ id }) => id).toSorted((a, b) => b - a));
      expect(new Set(read.map(({ id }) => id)).size).toBe(26);
    });
  });
}
