import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../support/data/vectors.ts";
import { eventually } from "../../support/waiting.ts";
import {
  codeOf,
  idsOf,
  newChunk,
  newDocument,
  randomVector,
  range,
  type StoreFixture,
  uuidOf,
  valueOf,
} from "../store-fixture.ts";

const inMilliseconds = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
const passed = (at: string) =>
  eventually(() => Date.now() >= Date.parse(at), { describe: "the instant of expiry to come" });

export function describeExpiry(fixture: StoreFixture): void {
  describe("documents that expire", () => {
    const write = (id: string, milliseconds: number) => {
      const at = inMilliseconds(milliseconds);
      return fixture.write(newDocument({ id, expiry: { at } })).then(() => at);
    };

    it("are in no result from their instant on, and leave an event", async () => {
      const { store, library } = fixture;
      const events: LibraryEvent[] = [];
      fixture.onCommit((committed) => events.push(...committed));
      await fixture.write(newDocument({ id: uuidOf(1) }));
      const at = await write(uuidOf(2), 300);
      const search = { vector: randomVector(), k: 10 };
      expect(idsOf(await store.searches.search(library.id, search)).toSorted()).toEqual([uuidOf(1), uuidOf(2)]);
      const { document } = await store.documents.get(library.id, uuidOf(2));
      expect(document.expires_at).toBe(at);
      await passed(at);
      const id = library.id;
      const [found, listed, sorted, counted, gone, several, read, statistics] = await Promise.all([
        store.searches.search(id, search),
        store.documents.list(id, { limit: 10 }),
        store.documents.list(id, { limit: 10, sort: { field: "title", descending: true } }),
        store.documents.count(id, { filter: { title: { $exists: true } } }),
        codeOf(store.documents.get(id, uuidOf(2))),
        store.documents.find(id, [uuidOf(1), uuidOf(2)]),
        store.libraries.get(id),
        store.libraries.statistics(id),
      ]);
      expect(idsOf(found)).toEqual([uuidOf(1)]);
      expect([listed, sorted].map(({ items }) => items.map((item) => item.id))).toEqual([[uuidOf(1)], [uuidOf(1)]]);
      expect([counted.documents, gone, several.missing]).toEqual([1, "document_not_found", [uuidOf(2)]]);
      expect([read.num_documents, statistics.num_chunks, read.seq]).toEqual([1, 1, 4]);
      await eventually(() => expect(events.at(-1)?.type).toBe("document.expired"));
      expect(events.at(-1)).toMatchObject({ seq: 4, data: { document_id: uuidOf(2), expires_at: at } });
    });

    it("are found and sorted by the instant, until and after a patch of it", async () => {
      const { store, library } = fixture;
      const days = ["2031-01-01", "2033-01-01"].map((day) => `${day}T00:00:00.000Z`);
      const [early = "", late = ""] = days;
      const metadata = { expires_at: "2032-01-01T00:00:00Z" };
      await fixture.write(
        newDocument({ id: uuidOf(1), expiry: { at: late } }),
        newDocument({ id: uuidOf(2), expiry: { at: early } }),
        // Its own field of this name.
        newDocument({ id: uuidOf(3), metadata }),
        newDocument({ id: uuidOf(4) }),
      );
      const filter = { expires_at: { $lt: "2032-06" } };
      const updates: string[][] = [];
      const live = await store.searches.watch(library.id, { vector: randomVector(), k: 9, filter }, (update) => {
        updates.push("value" in update ? idsOf(update.value).toSorted() : ["failed"]);
      });
      const found = async () => idsOf(await fixture.search(randomVector(), 9, filter)).toSorted();
      const sorted = async () => {
        const sort = { field: "expires_at", descending: false };
        return (await store.documents.list(library.id, { limit: 9, sort })).items.map(({ id }) => id);
      };
      expect([idsOf(live.first).toSorted(), await found()]).toEqual([[2, 3].map(uuidOf), [2, 3].map(uuidOf)]);
      expect(await sorted()).toEqual([2, 3, 1, 4].map(uuidOf));
      const unchanged = { clearsMetadata: false, metadata: {} };
      await store.documents.patch(library.id, uuidOf(2), { ...unchanged, expiry: null });
      await store.documents.patch(library.id, uuidOf(1), { ...unchanged, expiry: { at: early } });
      expect([await found(), await sorted()]).toEqual([[1, 3].map(uuidOf), [1, 3, 2, 4].map(uuidOf)]);
      expect(await store.documents.count(library.id, { filter })).toMatchObject({ documents: 2 });
      await eventually(() => expect(updates.at(-1)).toEqual([1, 3].map(uuidOf)));
      live.end();
    });

    it("leave live queries by themselves", async () => {
      const { store, library } = fixture;
      const updates: string[][] = [];
      const live = await store.searches.watch(library.id, { vector: randomVector(), k: 3 }, (update) => {
        updates.push("value" in update ? idsOf(update.value) : ["failed"]);
      });
      expect(idsOf(live.first)).toEqual([]);
      const at = await write(uuidOf(1), 2_000);
      await eventually(() => expect(updates.at(-1)).toEqual([uuidOf(1)]));
      await eventually(() => expect(updates.at(-1)).toEqual([]));
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(at));
      live.end();
    });

    it("expire as they were last written, or patched", async () => {
      const { store, library } = fixture;
      const at = inMilliseconds(250);
      await fixture.write(...range(1, 4).map((id) => newDocument({ id: uuidOf(id), expiry: { at } })));
      await fixture.write(newDocument({ id: uuidOf(1) }), newDocument({ id: uuidOf(2), expiry: { afterSeconds: 60 } }));
      const unchanged = { clearsMetadata: false, metadata: {} };
      const kept = await store.documents.patch(library.id, uuidOf(3), { ...unchanged, expiry: null });
      expect(kept.document.expires_at).toBeNull();
      const { document } = await store.documents.patch(library.id, uuidOf(4), { ...unchanged, title: "New" });
      expect(document.expires_at).toBe(at);
      await passed(at);
      const { items } = await store.documents.list(library.id, { limit: 10 });
      expect(items.map(({ id }) => id).toSorted()).toEqual([1, 2, 3].map(uuidOf));
      const rest = Date.parse(items.find(({ id }) => id === uuidOf(2))?.expires_at ?? "") - Date.now();
      expect([rest > 30_000, rest <= 60_000]).toEqual([true, true]);
    });

    it("cannot be written with an instant that has passed, beside others that are", async () => {
      const { store, library } = fixture;
      const [refused, stored] = await store.documents.write(library.id, [
        newDocument({ id: uuidOf(1), expiry: { at: inMilliseconds(-1) } }),
        newDocument({ id: uuidOf(2) }),
      ]);
      expect(refused).toMatchObject({ error: { code: "validation_failed", field: "expires_at" } });
      expect(valueOf(stored).document.expires_at).toBeNull();
    });

    it("expire while the store is closed, and those that are left later", async () => {
      const first = await write(uuidOf(1), 200);
      const second = await write(uuidOf(2), 1_200);
      await fixture.store.close();
      await passed(first);
      await fixture.reopen();
      const list = async () =>
        (await fixture.store.documents.list(fixture.library.id, { limit: 10 })).items.map(({ id }) => id);
      const now = Date.now();
      const listed = await list();
      expect(listed).toEqual(now < Date.parse(second) && listed.length > 0 ? [uuidOf(2)] : []);
      await passed(second);
      expect(await list()).toEqual([]);
    });

    it("are seen by reads that end before their instant, and by none that begin at it or later", async () => {
      const { store, library } = fixture;
      const random = seededRandom(11);
      const instants = new Map<string, number>();
      const documents = range(1, 60).map((number) => {
        const at = inMilliseconds(250 + Math.floor(random() * 600));
        instants.set(uuidOf(number), Date.parse(at));
        return newDocument({ id: uuidOf(number), expiry: { at }, chunks: [newChunk(), newChunk()] });
      });
      await fixture.write(...documents);
      const search = { vector: randomVector(), k: 200 };
      const last = Math.max(...instants.values());
      for (let began = 0; began < last;) {
        began = Date.now();
        const seen = new Set(idsOf(await store.searches.search(library.id, search)));
        const ended = Date.now();
        for (const [id, at] of instants) {
          if (at <= began) expect([id, seen.has(id)]).toEqual([id, false]);
          if (at > ended) expect([id, seen.has(id)]).toEqual([id, true]);
        }
      }
      expect((await store.libraries.get(library.id)).seq).toBe(1 + 2 * documents.length);
    });
  });
}
