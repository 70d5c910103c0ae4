import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Library } from "@arrwdb/protocol/documents/model";
import type { StoreHits } from "../../../server/src/store/search-store.ts";
import type { Store } from "../../../server/src/store/store.ts";
import { eventually } from "../../support/waiting.ts";
import { codeOf, newChunk, newDocument, randomVector, range, valueOf } from "../store-fixture.ts";
import { type ClusterHarness, createLibrary, recordEvents } from "./cluster-fixture.ts";

const found = async (store: Store, library: Library, k = 1_000) => {
  const { hits, seq } = await store.searches.search(library.id, { vector: randomVector(), k });
  return { ids: new Set(hits.map(({ document_id }) => document_id)), seq };
};

/** Promises that hold between stores on the same data. */
export function describeCluster(name: string, open: () => Promise<ClusterHarness>): void {
  describe(`${name} keeps the promises of a store on every node:`, () => {
    let cluster: ClusterHarness;
    let library: Library;
    beforeAll(async () => {
      cluster = await open();
    });
    beforeEach(async () => {
      library = await createLibrary(cluster.stores[0]);
    });
    afterAll(() => cluster.destroy());

    it("what one node has acknowledged, every other finds, at that position", async () => {
      const [a, b, c] = cluster.stores;
      for (const id of range(1, 30).map(String)) {
        const [outcome] = await a.documents.write(library.id, [newDocument({ id })]);
        const { seq } = valueOf(outcome).document;
        for (const node of [b, c]) {
          const seen = await found(node, library);
          expect(seen.ids.has(id)).toBe(true);
          expect(seen.seq).toBeGreaterThanOrEqual(seq);
        }
        expect((await b.documents.get(library.id, id)).document).toMatchObject({ id, seq });
      }
      expect(await c.documents.count(library.id, {})).toEqual({ documents: 30, chunks: 30, seq: 31 });
    });

    it("positions have no gap, and every node tells every event once, in order, whoever writes", async () => {
      const recorded = cluster.stores.map((store) => recordEvents(store, () => library.id));
      const writers = cluster.stores.flatMap((store, node) =>
        [0, 1].map((writer) => ({ store, name: `${node}.${writer}` })),
      );
      await Promise.all(
        writers.map(async ({ store, name: writer }) => {
          for (const each of range(1, 25)) {
            await store.documents.write(library.id, [newDocument({ id: `${writer}.${each % 7}` })]);
            if (each % 5 === 0) await codeOf(store.documents.delete(library.id, `${writer}.${each % 7}`));
          }
        }),
      );
      const { seq } = await cluster.stores[1].libraries.get(library.id);
      for (const { events, stop } of recorded) {
        await eventually(() => expect(events.at(-1)?.seq).toBe(seq));
        stop();
        const [first = 0] = events.map((event) => event.seq);
        expect(events.map((event) => event.seq)).toEqual(range(first, seq));
        expect(first).toBeLessThanOrEqual(2);
      }
      const [listed, ...others] = await Promise.all(
        cluster.stores.map((store) => store.documents.list(library.id, { limit: 1_000 })),
      );
      for (const other of others) expect(other.items).toEqual(listed?.items);
      const hits = await Promise.all(cluster.stores.map((store) => found(store, library)));
      for (const { ids } of hits) expect(ids).toEqual(new Set(listed?.items.map(({ id }) => id)));
    });

    it("of two writers that expect the same seq, one wins", async () => {
      const [a, b, c] = cluster.stores;
      const [outcome] = await a.documents.write(library.id, [newDocument({ id: "one" })]);
      const ifSeq = valueOf(outcome).document.seq;
      const write = async (store: Store) =>
        (await store.documents.write(library.id, [newDocument({ id: "one", ifSeq })])).map((each) =>
          "error" in each && each.error instanceof ArrwError ? each.error.code : "written",
        );
      const outcomes = (await Promise.all([write(a), write(b), write(c)])).flat();
      expect(outcomes.toSorted()).toEqual(["seq_mismatch", "seq_mismatch", "written"]);
    });

    it("an upload that is sent to two nodes at once is stored once", async () => {
      const [a, b] = cluster.stores;
      const uploads = await Promise.all([a, b].map((store) => store.uploads.begin(library.id, "the same")));
      expect(uploads[0]).toEqual(uploads[1]);
      const uploadId = uploads[0]?.uploadId;
      const lines = range(1, 50).map((line) =>
        newDocument({ uploadId, uploadLine: { line, hash: new Uint8Array(32).fill(line) } }),
      );
      const outcomes = await Promise.all(
        [a, b].map(async (store) => {
          const each = [];
          for (const line of lines) each.push(...(await store.documents.write(library.id, [line])));
          return each;
        }),
      );
      expect(await b.documents.count(library.id, {})).toMatchObject({ documents: 50, seq: 51 });
      const seqs = outcomes.map((each) =>
        each.map((outcome) => ("replayed" in outcome ? outcome.replayed.seq : valueOf(outcome).document.seq)),
      );
      expect(seqs[0]).toEqual(seqs[1]);
    });

    it("a live query on one node shows what others write and delete", async () => {
      const [a, b, c] = cluster.stores;
      let hits: readonly string[] = [];
      let end = () => {};
      const show = (results: StoreHits) => {
        hits = results.hits.map(({ document_id }) => document_id);
      };
      const watch = async () => {
        const handle = await a.searches.watch(library.id, { vector: randomVector(), k: 100 }, (update) => {
          if ("value" in update) return show(update.value);
          // The node has fallen behind, and read the library in several steps.
          expect(update.error).toMatchObject({ code: "recovering" });
          void watch();
        });
        end = handle.end;
        show(handle.first);
      };
      await watch();
      expect(hits).toEqual([]);
      await b.documents.write(
        library.id,
        range(1, 10).map((id) => newDocument({ id: String(id) })),
      );
      await c.documents.delete(library.id, "3");
      await c.documents.write(library.id, [newDocument({ id: "11", chunks: [newChunk(), newChunk()] })]);
      await eventually(() =>
        expect(hits.toSorted()).toEqual(["1", "10", "11", "11", "2", "4", "5", "6", "7", "8", "9"]),
      );
      end();
    });

    it("a library that one node deletes is gone on all, and its event told", async () => {
      const [a, b, c] = cluster.stores;
      const recorded = recordEvents(c, () => library.id);
      await found(b, library);
      await a.libraries.delete(library.id);
      expect(await codeOf(found(b, library))).toBe("library_not_found");
      const [outcome] = await b.documents.write(library.id, [newDocument()]);
      expect(outcome).toMatchObject({ error: { code: "library_not_found" } });
      await eventually(() => expect(recorded.events.at(-1)?.type).toBe("library.deleted"));
      recorded.stop();
    });

    it("connections that are cut lose nothing that was acknowledged, and no event", async () => {
      const recorded = cluster.stores.map((store) => recordEvents(store, () => library.id));
      const acknowledged: string[] = [];
      const unknown = new Set<string>();
      const written = new AbortController();
      const cutting = (async () => {
        for (let cuts = 0; cuts < 5; cuts++) {
          const before = acknowledged.length;
          await eventually(() => acknowledged.length > before + 10);
          await cluster.cutConnections();
        }
        written.abort();
      })();
      const writers = cluster.stores.map(async (store, node) => {
        for (let each = 0; !written.signal.aborted; each++) {
          const id = `${node}.${each}`;
          try {
            valueOf((await store.documents.write(library.id, [newDocument({ id })]))[0]);
            acknowledged.push(id);
          } catch (error) {
            expect(error).toBeInstanceOf(ArrwError);
            expect(error).toMatchObject({ code: "storage_failed" });
            unknown.add(id);
          }
        }
      });
      await Promise.all([cutting, ...writers]);
      const { seq } = await eventually(() => cluster.stores[0].libraries.get(library.id));
      for (const { events, stop } of recorded) {
        await eventually(() => expect(events.at(-1)?.seq).toBe(seq));
        stop();
        expect(events.map((event) => event.seq)).toEqual(range(events[0]?.seq ?? 0, seq));
      }
      for (const store of cluster.stores) {
        const { items } = await store.documents.list(library.id, { limit: 100_000 });
        const stored = new Set(items.map(({ id }) => id));
        expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
        expect([...stored].filter((id) => !acknowledged.includes(id) && !unknown.has(id))).toEqual([]);
      }
    });
  });
}
