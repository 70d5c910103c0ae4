import { getEventListeners } from "node:events";
import type { LineResult } from "@arrwdb/protocol/documents/ingestion";
import { expect, it } from "vitest";
import type { NewDocument, WrittenDocument } from "../../store/document-store.ts";
import type { Settled } from "../../store/settled-outcome.ts";
import { ByteBudget } from "../../scheduling/byte-budget.ts";
import { Ingestion, type IngestionDocuments } from "./ingestion.ts";
import type { UploadStore } from "../../store/upload-store.ts";

const megabyte = 1024 * 1024;

/** A disk that takes documents only when it is told to. */
class SlowDocuments implements IngestionDocuments {
  written = 0;
  #go = Promise.withResolvers<void>();

  async prepare(_libraryId: string, input: Parameters<IngestionDocuments["prepare"]>[1]): Promise<NewDocument> {
    return { ...input, chunks: [] };
  }

  async writeAll(_libraryId: string, documents: readonly NewDocument[]): Promise<readonly Settled<WrittenDocument>[]> {
    await this.#go.promise;
    return documents.map((document) => {
      this.written++;
      const { title, titleGenerated, author, documentType, sourceUrl, tags, metadata } = document;
      const times = { created_at: "", updated_at: "", expires_at: null };
      const given = { author, document_type: documentType, source_url: sourceUrl, tags: [...tags], metadata };
      const fields = { title, title_generated: titleGenerated, ...given };
      return {
        value: {
          created: true,
          document: { id: `${this.written}`, ...fields, ...times, num_chunks: 1, seq: this.written },
        },
      };
    });
  }

  go(): void {
    this.#go.resolve();
  }
}

const refuse = () => Promise.reject(new Error("Nothing was sent with a key"));
const noUploads: UploadStore = { begin: refuse, readReceipts: refuse };

it("reads only as fast as it commits, whatever the size", async () => {
  const documents = new SlowDocuments();
  const budget = new ByteBudget(8 * megabyte);
  const total = 2_000;
  const line = Buffer.from(`${JSON.stringify({ title: "T", text: "x", custom: "y".repeat(9_000) })}\n`);
  let pulled = 0;
  const idle = Promise.withResolvers<void>();
  async function* body() {
    for (; pulled < total; pulled++) {
      // Once the reader stops asking, nothing resolves this but the commit going on.
      setImmediate(() => setImmediate(() => setImmediate(idle.resolve)));
      yield line;
    }
  }
  const results: LineResult[] = [];
  const finished = new Ingestion({ documents, uploads: noUploads, budget }).run({
    libraryId: "l",
    seq: 0,
    body: body(),
    signal: new AbortController().signal,
    onResult: async (result) => void results.push(result),
  });
  await idle.promise;
  let before = -1;
  while (before !== pulled) {
    before = pulled;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // The disk has taken nothing yet: what was read is what may be in flight, and no more.
  expect(documents.written).toBe(0);
  expect(pulled).toBeLessThan(600);
  expect(budget.taken).toBeLessThanOrEqual(8 * megabyte);
  documents.go();
  expect(await finished).toMatchObject({ successful: total, failed: 0, seq: total });
  expect(results.map((result) => result.line)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  expect(budget.taken).toBe(0);
});

it("shares one budget of bytes among uploads", async () => {
  const documents = new SlowDocuments();
  const budget = new ByteBudget(megabyte);
  const ingestion = new Ingestion({ documents, uploads: noUploads, budget });
  const line = Buffer.from(`${JSON.stringify({ title: "T", text: "x", custom: "y".repeat(9_000) })}\n`);
  const runs = Array.from({ length: 10 }, () => {
    async function* body() {
      for (let index = 0; index < 100; index++) yield line;
    }
    return ingestion.run({
      libraryId: "l",
      seq: 0,
      body: body(),
      signal: new AbortController().signal,
      onResult: async () => undefined,
    });
  });
  expect(budget.taken).toBeLessThanOrEqual(megabyte);
  documents.go();
  expect((await Promise.all(runs)).map(({ successful }) => successful)).toEqual(runs.map(() => 100));
  expect(budget.taken).toBe(0);
});

it("ends when it is aborted, and gives its bytes back", async () => {
  const documents = new SlowDocuments();
  const budget = new ByteBudget(megabyte);
  const aborted = new AbortController();
  async function* body() {
    yield Buffer.from(`${JSON.stringify({ title: "T", text: "x" })}\n`);
    aborted.abort(new Error("gone"));
    documents.go();
    await new Promise(() => undefined);
  }
  const run = new Ingestion({ documents, uploads: noUploads, budget }).run({
    libraryId: "l",
    seq: 0,
    body: body(),
    signal: aborted.signal,
    onResult: async () => undefined,
  });
  await expect(run).rejects.toThrow("gone");
  expect(budget.taken).toBe(0);
});

// A signal that is made of others is kept for as long as somebody listens to it, and all of the upload with it.
it("listens to no signal any more when it has ended", async () => {
  const documents = new SlowDocuments();
  documents.go();
  const ingestion = new Ingestion({ documents, uploads: noUploads, budget: new ByteBudget(megabyte) });
  async function* good() {
    yield Buffer.from(`${JSON.stringify({ title: "T", text: "x" })}\n`);
  }
  async function* broken() {
    yield* good();
    throw new Error("broken off");
  }
  for (const body of [good(), broken()]) {
    const [signal, enough] = [new AbortController().signal, new AbortController().signal];
    const told: number[] = [];
    await ingestion.run({
      libraryId: "l",
      seq: 0,
      body,
      signal,
      enough,
      onResult: async () => void told.push(getEventListeners(enough, "abort").length),
    });
    expect(told).toEqual([1]);
    expect([signal, enough].map((one) => getEventListeners(one, "abort").length)).toEqual([0, 0]);
  }
});
