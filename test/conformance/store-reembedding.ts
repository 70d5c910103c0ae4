import { hash } from "node:crypto";
import type { Library } from "@arrwdb/protocol/documents/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewChunk } from "../../server/src/store/document-store.ts";
import type { ReembeddingRef, StoredReembedding } from "../../server/src/store/reembedding-store.ts";
import { extent } from "../support/suite/extent.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../support/data/vectors.ts";
import { eventually } from "../support/waiting.ts";
import { LiveQueryRecorder } from "./live/live-query-recorder.ts";
import {
  codeOf,
  dimension,
  newChunk,
  newDocument,
  range,
  type StoreFixture,
  uuidOf,
  valueOf,
} from "./store-fixture.ts";

/** What a model makes of a text: always the same, and different for each model. */
function embed(model: string, text: string, size: number): Float32Array<ArrayBuffer> {
  const seed = Number.parseInt(hash("sha256", `${model} ${text}`).slice(0, 8), 16);
  return randomUnitVector(size, seededRandom(seed));
}

const chunkOf = (library: Pick<Library, "embedding_model" | "dimension">, text: string): NewChunk => {
  const { embedding_model: model, dimension: size } = library;
  return newChunk({ text, vector: embed(model, text, size), model });
};

const failure = { state: "failed", error: { code: "embedder_failed", message: "The provider is gone" } } as const;

export function describeReembedding(fixture: StoreFixture): void {
  const reembeddings = () => fixture.store.reembeddings;
  const current = (id: string) => fixture.store.libraries.get(id);

  const filled = async (count: number): Promise<Library> => {
    const library = await fixture.createLibrary({ embeddingModel: "first" });
    const documents = range(1, count).map((number) =>
      newDocument({
        id: uuidOf(number),
        chunks: [chunkOf(library, `text ${number}`), chunkOf(library, `more ${number}`)],
      }),
    );
    (await fixture.store.documents.write(library.id, documents)).map(valueOf);
    return library;
  };

  /** Embeds the next texts; returns how many. */
  const embedNext = async (reembedding: StoredReembedding, limit = 100): Promise<number> => {
    const { embeddingModel, dimension: size } = reembedding;
    const texts = await reembeddings().next(reembedding, limit);
    await reembeddings().keep(
      reembedding,
      texts.map(({ key, text }) => ({ key, vector: embed(embeddingModel, text, size) })),
    );
    return texts.length;
  };

  const prepared = (reembedding: ReembeddingRef) =>
    eventually(async () => expect(await reembeddings().prepare(reembedding)).toBe(true));

  const finish = async (reembedding: StoredReembedding): Promise<StoredReembedding> => {
    for (;;) {
      while ((await embedNext(reembedding)) > 0);
      const done = await reembeddings().changeOver(reembedding);
      if (done !== undefined) return done;
    }
  };

  /** Each text with the vector of the library's model, and nothing else, is found: by search, in documents and in exports. */
  const expectModel = async (id: string, texts: readonly string[]): Promise<void> => {
    const library = await current(id);
    const { embedding_model: model, dimension: size } = library;
    const truth = new Map(texts.map((text) => [text, embed(model, text, size)]));
    const query = embed(model, "query", size);
    const { hits } = await fixture.store.searches.search(id, { vector: query, k: 1_000, exact: true, model });
    const near = [...truth].map(([text, vector]) => ({ text, distance: cosineDistance(query, vector) }));
    expect(hits.map(({ text }) => text)).toEqual(
      near.toSorted((a, b) => a.distance - b.distance).map(({ text }) => text),
    );
    for (const { text, distance } of hits) {
      expect(distance).toBeCloseTo(near.find((each) => each.text === text)?.distance ?? NaN, 5);
    }
    const exported = await fixture.store.libraries.export(id);
    for (let page = await exported.next(); page.length > 0; page = await exported.next()) {
      for (const { document, vectors } of page) {
        expect(vectors).toEqual(document.chunks.map(({ text }) => truth.get(text)));
        const { document: read } = await fixture.store.documents.get(id, document.id, { vectors: true });
        const embeddings = vectors.map(({ buffer }) => Buffer.from(buffer).toString("base64"));
        expect(read.chunks.map(({ embedding }) => embedding)).toEqual(embeddings);
      }
    }
    exported.end();
  };

  const textsOf = (count: number) => range(1, count).flatMap((number) => [`text ${number}`, `more ${number}`]);

  describe("re-embedding", () => {
    it.each([dimension, 5])("changes over at one position to vectors of dimension %i", async (size) => {
      const library = await filled(40);
      const { id } = library;
      const target = { embeddingModel: "second", dimension: size };
      const begun = await reembeddings().begin(id, target);
      expect(begun).toMatchObject({ ...target, libraryId: id, state: "running", chunksDone: 0, chunksTotal: 80 });
      expect(await current(id)).toMatchObject({ embedding_model: "first", dimension, seq: 41 });
      while ((await embedNext(begun, 30)) > 0);
      await expectModel(id, textsOf(40));
      expect(await reembeddings().get(id)).toMatchObject({ state: "running", chunksDone: 80 });
      await prepared(begun);
      await expectModel(id, textsOf(40));
      const done = await reembeddings().changeOver(begun);
      expect(done).toMatchObject({ state: "done", seq: 42, chunksDone: 80, chunksTotal: 80, error: null });
      expect(await reembeddings().get(id)).toEqual(done);
      expect(await current(id)).toMatchObject({ embedding_model: "second", dimension: size, seq: 42, num_chunks: 80 });
      const { events } = await fixture.store.events.read(id, { afterSeq: 41, limit: 10 });
      expect(events).toMatchObject([{ type: "library.updated", data: { embedding_model: "second", dimension: size } }]);
      await expectModel(id, textsOf(40));
      await fixture.reopen();
      await expectModel(id, textsOf(40));
    });

    it("takes in what is written, replaced and deleted meanwhile", async () => {
      const library = await filled(10);
      const { id } = library;
      const begun = await reembeddings().begin(id, { embeddingModel: "second", dimension: 6 });
      await embedNext(begun, 9);
      const { documents } = fixture.store;
      const write = async (number: number, text: string) =>
        valueOf(
          (await documents.write(id, [newDocument({ id: uuidOf(number), chunks: [chunkOf(library, text)] })]))[0],
        );
      await write(1, "replaced");
      await documents.delete(id, uuidOf(2));
      await write(11, "new");
      while ((await embedNext(begun, 9)) > 0);
      await write(12, "late");
      expect(await reembeddings().changeOver(begun)).toBeUndefined();
      await prepared(begun);
      await write(3, "later");
      await finish(begun);
      const kept = range(4, 10).flatMap((number) => [`text ${number}`, `more ${number}`]);
      await expectModel(id, [...kept, "replaced", "new", "late", "later"]);
    });

    it("counts chunks with their new vector, without those that were deleted or replaced meanwhile", async () => {
      const library = await filled(10);
      const { id } = library;
      const { documents } = fixture.store;
      const begun = await reembeddings().begin(id, { embeddingModel: "second", dimension: 6 });
      const taken = await reembeddings().next(begun, 8);
      await documents.delete(id, uuidOf(1));
      await reembeddings().keep(
        begun,
        taken.map(({ key, text }) => ({ key, vector: embed("second", text, 6) })),
      );
      expect(await reembeddings().get(id)).toMatchObject({ chunksDone: 6, chunksTotal: 18 });
      for (const number of [2, 9]) {
        const again = newDocument({ id: uuidOf(number), chunks: [chunkOf(library, "again")] });
        valueOf((await documents.write(id, [again]))[0]);
      }
      expect(await reembeddings().get(id)).toMatchObject({ chunksDone: 4, chunksTotal: 16 });
      while ((await embedNext(begun)) > 0);
      expect(await reembeddings().get(id)).toMatchObject({ chunksDone: 16, chunksTotal: 16 });
    });

    it.each([failure, { state: "cancelled" } as const])("leaves the library as it was if it is $state", async (end) => {
      const { id } = await filled(10);
      const begun = await reembeddings().begin(id, { embeddingModel: "second", dimension: 6 });
      await embedNext(begun, 9);
      const error = end.state === "failed" ? end.error : null;
      const ended = await reembeddings().end(id, end, begun.id);
      expect(ended).toMatchObject({ state: end.state, error, seq: null, chunksDone: 9, chunksTotal: 20 });
      expect(await current(id)).toMatchObject({ embedding_model: "first", dimension, seq: 11 });
      await expectModel(id, textsOf(10));
      expect(await reembeddings().end(id, { state: "cancelled" })).toEqual(ended);
      for (const late of [embedNext(begun), reembeddings().changeOver(begun)])
        expect(await codeOf(late)).toBe("reembedding_not_found");
      const again = await reembeddings().begin(id, { embeddingModel: "third", dimension: 7 });
      await embedNext(again, 3);
      await finish(again);
      expect(await current(id)).toMatchObject({ embedding_model: "third", dimension: 7 });
      await expectModel(id, textsOf(10));
    });

    it("goes on where it was after the store was opened again", async () => {
      const { id } = await filled(10);
      const begun = await reembeddings().begin(id, { embeddingModel: "second", dimension: 6 });
      await embedNext(begun, 7);
      await fixture.reopen();
      const [running, ...others] = await reembeddings().running();
      expect([running, others]).toEqual([{ ...begun, chunksDone: 7 }, []]);
      let embedded = 0;
      for (let count = await embedNext(begun, 5); count > 0; count = await embedNext(begun, 5)) embedded += count;
      expect(embedded).toBe(13);
      await finish(begun);
      expect(await reembeddings().running()).toEqual([]);
      await expectModel(id, textsOf(10));
    });

    it("runs once at a time, and ends with its library", async () => {
      const { id } = await filled(2);
      expect(await codeOf(reembeddings().get(id))).toBe("reembedding_not_found");
      expect(await codeOf(reembeddings().end(id, { state: "cancelled" }))).toBe("reembedding_not_found");
      const target = { embeddingModel: "second", dimension: 6 };
      const begun = await reembeddings().begin(id, target);
      expect(await codeOf(reembeddings().begin(id, target))).toBe("reembedding_in_progress");
      await embedNext(begun, 1);
      await fixture.store.libraries.delete(id);
      for (const late of [embedNext(begun), reembeddings().get(id), reembeddings().begin(id, target)])
        expect(await codeOf(late)).toBe("library_not_found");
      expect(await reembeddings().running()).toEqual([]);
    });

    it.each([dimension, 6])("refuses what was made with the former model, of dimension %i now", async (size) => {
      const library = await filled(3);
      const { id } = library;
      await finish(await reembeddings().begin(id, { embeddingModel: "second", dimension: size }));
      const stale = newDocument({ chunks: [chunkOf(library, "stale")] });
      const [outcome] = await fixture.store.documents.write(id, [stale]);
      expect(outcome).toMatchObject({ error: { code: "embedding_model_changed" } });
      const search = { vector: embed("first", "query", dimension), k: 3 };
      const { searches } = fixture.store;
      const refusals: (() => Promise<unknown>)[] = [
        () => searches.search(id, { ...search, model: "first" }),
        () => searches.search(id, { ...search, model: "first", mode: "hybrid", text: "text", vectorWeight: 0.5 }),
        () => LiveQueryRecorder.watch(fixture.store, id, { ...search, model: "first" }),
      ];
      for (const refused of refusals) expect(await codeOf(refused())).toBe("embedding_model_changed");
      expect(await codeOf(searches.search(id, search))).toBe(size === dimension ? undefined : "dimension_mismatch");
      await expectModel(id, textsOf(3));
    });

    it("ends live queries, which would compare with other vectors", async () => {
      const { id } = await filled(3);
      const live = await LiveQueryRecorder.watch(fixture.store, id, {
        vector: embed("first", "query", dimension),
        k: 3,
      });
      const begun = await reembeddings().begin(id, { embeddingModel: "second", dimension });
      await finish(begun);
      expect(await live.failure()).toMatchObject({ code: "embedding_model_changed" });
      const query = { vector: embed("second", "query", dimension), k: 3 };
      const next = await LiveQueryRecorder.watch(fixture.store, id, query);
      const document = newDocument({ chunks: [chunkOf(await current(id), "query")] });
      (await fixture.store.documents.write(id, [document])).map(valueOf);
      const { hits } = await next.until((state) => state.hits[0]?.text === "query");
      expect(hits[0]?.distance).toBeCloseTo(0, 5);
      next.end();
    });

    it("has all vectors of one model, whatever is done in whatever order", async () => {
      const numRuns = extent(6, 40);
      let played = 0;
      const property = fc.asyncProperty(fc.array(steps, { minLength: 10, maxLength: 60 }), async (script) => {
        await play(script);
        played++;
      });
      await fc.assert(property, { numRuns });
      expect(played).toBe(numRuns);
    });
  });

  const play = async (script: readonly Step[]): Promise<void> => {
    const { id } = await fixture.createLibrary({ embeddingModel: "model 0" });
    const kept = new Map<string, readonly string[]>();
    let running: StoredReembedding | undefined;
    let expected = "model 0";
    let version = 0;
    for (const step of script) {
      switch (step.kind) {
        case "write": {
          const library = await current(id);
          const texts = range(1, step.chunks).map((chunk) => `${step.document} ${chunk} ${++version}`);
          const chunks = texts.map((text) => chunkOf(library, text));
          valueOf((await fixture.store.documents.write(id, [newDocument({ id: uuidOf(step.document), chunks })]))[0]);
          kept.set(uuidOf(step.document), texts);
          break;
        }
        case "delete":
          await codeOf(fixture.store.documents.delete(id, uuidOf(step.document)));
          kept.delete(uuidOf(step.document));
          break;
        case "begin": {
          const model = `model ${++version}`;
          const refused = await codeOf(
            reembeddings()
              .begin(id, { embeddingModel: model, dimension: step.size })
              .then((begun) => (running = begun)),
          );
          if (refused !== undefined) expect(running).toBeDefined();
          break;
        }
        case "embed":
          if (running !== undefined) await embedNext(running, step.limit);
          break;
        case "prepare":
          if (running !== undefined && (await reembeddings().next(running, 1)).length === 0)
            await reembeddings().prepare(running);
          break;
        case "change over": {
          const done = running === undefined ? undefined : await reembeddings().changeOver(running);
          if (done === undefined) break;
          expected = done.embeddingModel;
          running = undefined;
          break;
        }
        case "end":
          if (running !== undefined) await reembeddings().end(id, failure);
          running = undefined;
          break;
        case "search":
          await expectModel(id, [...kept.values()].flat());
          break;
        case "reopen":
          await fixture.reopen();
      }
      expect(await current(id)).toMatchObject({ embedding_model: expected });
    }
    await expectModel(id, [...kept.values()].flat());
    await fixture.store.libraries.delete(id);
  };
}

const document = fc.nat(12);
const steps = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant("write" as const), document, chunks: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), document }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("begin" as const), size: fc.constantFrom(5, dimension) }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("embed" as const), limit: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("prepare" as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("change over" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("end" as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("search" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);
type Step = typeof steps extends fc.Arbitrary<infer Value> ? Value : never;
