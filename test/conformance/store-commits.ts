import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { describe, expect, it } from "vitest";
import type { Store } from "../../server/src/store/store.ts";
import {
  codeOf,
  newChunk,
  newDocument,
  randomVector,
  range,
  type StoreFixture,
  uuidOf,
  valueOf,
} from "./store-fixture.ts";

export function describeCommits(fixture: StoreFixture): void {
  describe("commits", () => {
    it("give many writers at once a seq each, without gap, and tell of them in order", async () => {
      const { store, library } = fixture;
      const events: LibraryEvent[] = [];
      fixture.onCommit((batch) => events.push(...batch));
      const batches = await Promise.all(
        Array.from({ length: 40 }, () =>
          store.documents.write(library.id, [newDocument(), newDocument(), newDocument()]),
        ),
      );
      const seqs = batches.map((batch) => batch.map((settled) => valueOf(settled).document.seq));
      for (const own of seqs) expect(own).toEqual(own.toSorted((a, b) => a - b));
      expect(seqs.flat().toSorted((a, b) => a - b)).toEqual(range(2, 121));
      expect(events.map(({ seq }) => seq)).toEqual(range(2, 121));
      const last = await store.libraries.get(library.id);
      expect(last).toMatchObject({ seq: 121, num_documents: 120, num_chunks: 120 });
    });

    it("can be found when they are told of", async () => {
      const { store, library } = fixture;
      const chunks = Array.from({ length: 30 }, () => newChunk());
      const found: Promise<readonly [string, string | undefined, number]>[] = [];
      fixture.onCommit((batch) => {
        for (const event of batch) {
          if (event.type !== "document.added") continue;
          const { id, title } = event.data;
          const vector = chunks[Number(title)]?.vector ?? randomVector();
          const reads = Promise.all([
            store.documents.get(library.id, id),
            store.searches.search(library.id, { vector, k: 1 }),
          ] as const);
          found.push(
            reads.then(([{ document }, { hits, seq }]) => [document.title, hits[0]?.document.title, seq - event.seq]),
          );
        }
      });
      await Promise.all(
        chunks.map((chunk, index) =>
          store.documents.write(library.id, [newDocument({ title: `${index}`, chunks: [chunk] })]),
        ),
      );
      const seen = await Promise.all(found);
      expect(seen).toHaveLength(30);
      expect(seen.filter(([title, nearest, lead]) => title !== nearest || lead < 0)).toEqual([]);
    });

    const read = async (store: Store, afterSeq: number, limit: number) =>
      (await store.events.read(fixture.library.id, { afterSeq, limit })).events;

    it("are told by kind, and read back the same", async () => {
      const { store, library } = fixture;
      const events: LibraryEvent[] = [];
      const end = fixture.onCommit((batch) => events.push(...batch));
      const [added] = await fixture.write(newDocument({ id: uuidOf(1), tags: ["a"], metadata: { deep: { er: [1] } } }));
      const [updated] = await fixture.write(newDocument({ id: uuidOf(1), title: "Again" }));
      await store.documents.delete(library.id, uuidOf(1));
      const renamed = await store.libraries.update(library.id, { name: "Other" });
      expect(events.map(({ type, data }) => [type, data])).toEqual([
        ["document.added", { ...added?.document, document_id: uuidOf(1) }],
        ["document.updated", { ...updated?.document, document_id: uuidOf(1) }],
        ["document.deleted", expect.objectContaining({ document_id: uuidOf(1), title: "Again", metadata: {} })],
        ["library.updated", renamed],
      ]);
      end();
      await fixture.write(newDocument());
      expect(events).toHaveLength(4);
      expect(await read(store, 1, 4)).toEqual(events);
      expect(await read(store, 3, 1)).toEqual(events.slice(2, 3));
      expect(await read(store, 6, 10)).toEqual([]);
      expect(await codeOf(read(store, 7, 10))).toBe("position_ahead");
      expect((await read(store, 0, 10)).map(({ seq }) => seq)).toEqual(range(1, 6));
      await fixture.reopen();
      expect(await read(fixture.store, 1, 4)).toEqual(events);
    });

    it("tell every listener, each until it ends", async () => {
      const counts = [0, 0];
      const end = fixture.onCommit((batch) => (counts[0] = (counts[0] ?? 0) + batch.length));
      fixture.onCommit((batch) => (counts[1] = (counts[1] ?? 0) + batch.length));
      await fixture.write(newDocument());
      end();
      await fixture.write(newDocument());
      expect(counts).toEqual([1, 2]);
    });

    it("tell of a library's creation and deletion", async () => {
      const { store } = fixture;
      const events: LibraryEvent[] = [];
      fixture.onCommit((batch) => events.push(...batch));
      const other = await fixture.createLibrary();
      await store.libraries.delete(other.id);
      expect(events.map(({ type, seq, library_id, data }) => [type, seq, library_id, data])).toEqual([
        ["library.created", 1, other.id, other],
        ["library.deleted", 2, other.id, { id: other.id }],
      ]);
    });

    it("end with a library's deletion, whatever is being written", async () => {
      const { store, library } = fixture;
      const events: LibraryEvent[] = [];
      fixture.onCommit((batch) => events.push(...batch));
      const write = () => store.documents.write(library.id, [newDocument(), newDocument()]);
      const before = Array.from({ length: 30 }, write);
      const deleted = store.libraries.delete(library.id);
      const after = Array.from({ length: 10 }, write);
      const seq = await deleted;
      const outcomes = (await Promise.allSettled([...before, ...after])).flatMap((batch) =>
        batch.status === "fulfilled" ? batch.value : [{ error: batch.reason }],
      );
      const written = outcomes.flatMap((outcome) => ("value" in outcome ? [outcome.value.document.seq] : []));
      const refused = outcomes.flatMap((outcome) =>
        "error" in outcome ? [codeOf(Promise.reject(outcome.error))] : [],
      );
      expect(new Set(await Promise.all(refused))).toEqual(new Set(["library_not_found"]));
      expect(written.toSorted((a, b) => a - b)).toEqual(range(2, seq - 1));
      expect(events.map((event) => event.seq)).toEqual(range(2, seq));
      expect(events.at(-1)?.type).toBe("library.deleted");
    });
  });
}
