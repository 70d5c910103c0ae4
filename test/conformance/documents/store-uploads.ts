import { hash } from "node:crypto";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { beforeEach, describe, expect, it } from "vitest";
import type { NewDocument, WriteOutcome } from "../../../server/src/store/document-store.ts";
import type { StoredReceipt } from "../../../server/src/store/upload-store.ts";
import { codeOf, newChunk, newDocument, range, type StoreFixture, uuidOf, valueOf } from "../store-fixture.ts";
import { eventually } from "../../support/waiting.ts";

const hashOf = (text: string) => hash("sha256", text, "buffer");

/** The receipts among outcomes that are all replays. */
function replaysOf(outcomes: readonly WriteOutcome[]): readonly StoredReceipt[] {
  return outcomes.map((outcome) => {
    if ("replayed" in outcome) return outcome.replayed;
    throw new Error(`No replay: ${JSON.stringify(outcome)}`);
  });
}

export function describeUploads(fixture: StoreFixture): void {
  describe("uploads that are sent again", () => {
    let uploadId: string;
    beforeEach(async () => {
      uploadId = await begin();
    });

    const begin = async (key = "a key", libraryId = fixture.library.id) =>
      (await fixture.store.uploads.begin(libraryId, key)).uploadId;
    /** A document as a line of the upload; its text is its title. */
    const at = (line: number, changes: Partial<NewDocument> = {}, content = `line ${line}`): NewDocument =>
      newDocument({ title: content, uploadId, ...changes, uploadLine: { line, hash: hashOf(content) } });
    const write = (...documents: readonly NewDocument[]) =>
      fixture.store.documents.write(fixture.library.id, documents);
    const receipts = (afterLine = 0, limit = 1000, upload = uploadId, libraryId = fixture.library.id) =>
      fixture.store.uploads.readReceipts(libraryId, { uploadId: upload, afterLine, limit });
    const linesOf = (found: readonly StoredReceipt[]) => found.map(({ line }) => line);
    /** Resolves when nothing is kept of an upload. */
    const forgotten = async (upload: string) => {
      await eventually(async () => (await receipts(0, 1, upload)).length === 0);
    };
    const numDocuments = async () => (await fixture.store.libraries.get(fixture.library.id)).num_documents;

    it("are the same for the same key in the same library, whatever happens in between", async () => {
      expect(await begin()).toBe(uploadId);
      const other = await begin("another key");
      const { id } = await fixture.createLibrary();
      const elsewhere = await begin("a key", id);
      expect(new Set([uploadId, other, elsewhere]).size).toBe(3);
      await fixture.reopen();
      expect([await begin(), await begin("another key"), await begin("a key", id)]).toEqual([
        uploadId,
        other,
        elsewhere,
      ]);
      expect(new Set(await Promise.all(range(1, 20).map(() => begin("at once")))).size).toBe(1);
      expect(await numDocuments()).toBe(0);
      expect(await fixture.store.libraries.get(fixture.library.id)).toMatchObject({ seq: 1 });
    });

    it("have a receipt for each line that was written, and for no other", async () => {
      const vector = new Float32Array(3);
      const outcomes = await write(
        at(1),
        at(3, { id: uuidOf(3), chunks: [newChunk(), newChunk()] }),
        at(4, { chunks: [newChunk({ vector })] }),
        at(9),
      );
      expect(outcomes[2]).toMatchObject({ error: { code: "dimension_mismatch" } });
      const expected = [0, 1, 3].map((index) => {
        const { id, title, num_chunks, seq } = valueOf(outcomes[index]).document;
        const hashed = expect.objectContaining({ length: 32 });
        const told = { documentId: id, title, titleGenerated: false, numChunks: num_chunks, seq };
        return { line: Number(title.slice(5)), hash: hashed, ...told };
      });
      const found = await receipts();
      expect(found).toEqual(expected);
      expect(found.map((receipt) => Buffer.compare(receipt.hash, hashOf(receipt.title)))).toEqual([0, 0, 0]);
      expect(linesOf(await receipts(1))).toEqual([3, 9]);
      expect(linesOf(await receipts(0, 2))).toEqual([1, 3]);
      expect(await receipts(9)).toEqual([]);
      await fixture.reopen();
      expect(await receipts()).toEqual(found);
      const { id } = await fixture.createLibrary();
      expect(await receipts(0, 10, uploadId, id)).toEqual([]);
      expect(await receipts(0, 10, "nonsense")).toEqual([]);
    });

    it("write no line twice, and answer with its first receipt", async () => {
      const events: LibraryEvent[] = [];
      await write(at(1), at(2, { id: uuidOf(2) }));
      const first = await receipts();
      await fixture.reopen();
      fixture.onCommit((batch) => events.push(...batch));
      expect(await begin()).toBe(uploadId);
      const outcomes = await write(at(1), at(2, { id: uuidOf(2) }), at(3));
      expect(replaysOf(outcomes.slice(0, 2))).toEqual(first);
      expect(valueOf(outcomes[2])).toMatchObject({ created: true, document: { seq: 4 } });
      expect(events.map(({ seq }) => seq)).toEqual([4]);
      expect(await fixture.store.libraries.get(fixture.library.id)).toMatchObject({ num_documents: 3, seq: 4 });
    });

    it("replay what was committed even where it has changed meanwhile", async () => {
      const written = valueOf((await write(at(1, { id: uuidOf(1) })))[0]).document;
      await fixture.write(newDocument({ id: uuidOf(1), title: "by another" }));
      expect(replaysOf(await write(at(1, { id: uuidOf(1) })))).toMatchObject([{ title: "line 1", seq: written.seq }]);
      await fixture.store.documents.delete(fixture.library.id, uuidOf(1));
      expect(replaysOf(await write(at(1, { id: uuidOf(1) })))).toMatchObject([{ title: "line 1", seq: written.seq }]);
      expect(await numDocuments()).toBe(0);
    });

    it("refuse another line at the same place, alone", async () => {
      await write(at(1));
      const outcomes = await write(at(1, {}, "another"), at(2));
      expect(outcomes[0]).toMatchObject({ error: { code: "idempotency_conflict" } });
      expect(valueOf(outcomes[1]).created).toBe(true);
      expect((await receipts()).map(({ title }) => title)).toEqual(["line 1", "line 2"]);
    });

    it("refuse an id that stands twice each time, but not the line that wrote it", async () => {
      const lines = () => [at(1, { id: uuidOf(1) }), at(2, { id: uuidOf(1) })];
      const second = { error: expect.objectContaining({ code: "duplicate_id", field: "id" }) };
      expect(await write(...lines())).toEqual([{ value: expect.anything() }, second]);
      expect(await write(...lines())).toEqual([{ replayed: expect.anything() }, second]);
      await fixture.write(newDocument({ id: uuidOf(1), title: "by another" }));
      expect(await write(...lines())).toEqual([{ replayed: expect.anything() }, second]);
      await fixture.store.documents.delete(fixture.library.id, uuidOf(1));
      expect(await write(...lines())).toEqual([{ replayed: expect.anything() }, second]);
      uploadId = await begin("another key");
      expect(await write(...lines())).toEqual([{ value: expect.objectContaining({ created: true }) }, second]);
    });

    it("may come from many clients at once", async () => {
      const events: LibraryEvent[] = [];
      fixture.onCommit((batch) => events.push(...batch));
      const lines = range(1, 30);
      const own = (line: number) => (line % 2 === 0 ? { id: uuidOf(line) } : {});
      const clients = await Promise.all(
        range(1, 5).map(async () => {
          const outcomes = await Promise.all(
            range(0, 9).map((part) => write(...lines.slice(part * 3, part * 3 + 3).map((line) => at(line, own(line))))),
          );
          return outcomes.flat();
        }),
      );
      const written = clients.flat().filter((outcome) => "value" in outcome);
      const replayed = clients.flat().filter((outcome) => "replayed" in outcome);
      expect([written.length, replayed.length]).toEqual([30, 120]);
      const stored = await receipts();
      expect(linesOf(stored)).toEqual(lines);
      for (const outcome of replayed) expect(stored).toContainEqual(outcome.replayed);
      expect(events.map(({ type, seq }) => [type, seq])).toEqual(range(2, 31).map((seq) => ["document.added", seq]));
      expect(await numDocuments()).toBe(30);
    });

    it("write the same line twice in one call once", async () => {
      const [first, second] = await write(at(1), at(1));
      const { id } = valueOf(first).document;
      expect(second).toMatchObject({ replayed: { documentId: id } });
      expect(await numDocuments()).toBe(1);
    });

    it("are forgotten when they were not used for long, and then begin anew", async () => {
      await write(...range(1, 700).map((line) => at(line)), at(701, { id: uuidOf(1) }));
      await fixture.reopen(0);
      await forgotten(uploadId);
      const old = uploadId;
      uploadId = await begin();
      expect(uploadId).not.toBe(old);
      await fixture.reopen();
      expect(await receipts()).toEqual([]);
      uploadId = await begin();
      const outcomes = await write(at(1), at(2, { id: uuidOf(1) }));
      expect(outcomes.map(valueOf).map(({ created }) => created)).toEqual([true, false]);
      expect(await numDocuments()).toBe(702);
      expect(linesOf(await receipts())).toEqual([1, 2]);
    });

    it("that are forgotten while they are under way are written all the same", async () => {
      await write(at(1, { id: uuidOf(1) }));
      await fixture.reopen(0);
      await forgotten(uploadId);
      const outcomes = await write(at(2), at(3, { id: uuidOf(1) }));
      expect(outcomes).toMatchObject([{ value: { created: true } }, { error: { code: "duplicate_id" } }]);
      expect(await receipts()).toEqual([]);
      await fixture.reopen();
    });

    it("end with their library", async () => {
      await write(at(1));
      const { store, library } = fixture;
      await store.libraries.delete(library.id);
      expect(await codeOf(begin())).toBe("library_not_found");
      expect(await codeOf(receipts())).toBe("library_not_found");
      expect(await write(at(1))).toMatchObject([{ error: { code: "library_not_found" } }]);
    });
  });
}
