import { compile } from "@arrwdb/protocol/filter/filter";
import { expect, it } from "vitest";
import type { NewDocument } from "../../../server/src/store/document-store.ts";
import type { StoreHits, VectorSearch } from "../../../server/src/store/search-store.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../../support/data/vectors.ts";
import { LiveQueryRecorder } from "./live-query-recorder.ts";
import { dimension, newChunk, newDocument, type StoreFixture, uuidOf, valueOf } from "../store-fixture.ts";

interface ModelChunk {
  readonly text: string;
  readonly vector: Float32Array;
  readonly kind: number;
  /** A field of its document, which patches change. */
  readonly level: number;
  readonly addedAt: number;
}

/** What a change left of a document: its chunks, or nothing; or what a patch changed of it. */
type Change =
  | { readonly documentId: string; readonly document: NewDocument | undefined }
  | { readonly documentId: string; readonly level: number };

const rounds = 150;
const documents = 90;
const liveQueries = 120;

/** The distance as every answer has it. */
const distanceOf = (a: Float32Array, b: Float32Array) => Math.min(2, Math.max(0, cosineDistance(a, b)));

export function describeLiveQueriesModel(fixture: StoreFixture): void {
  it("shows at each position what a plain model has there, whatever is written at the same time", async () => {
    const random = seededRandom(11);
    const upTo = (limit: number) => Math.floor(random() * limit);
    const { store, library } = fixture;
    const vectors = Array.from({ length: 200 }, () => randomUnitVector(dimension, random));
    // Some are the same, so that the order of those that are equally far matters.
    const vector = () => (upTo(4) === 0 ? vectors[upTo(20)] : undefined) ?? randomUnitVector(dimension, random);
    let chunks = 0;
    let patches = 0;
    const document = (number: number): NewDocument =>
      newDocument({
        id: uuidOf(number),
        metadata: { level: upTo(4) },
        chunks: Array.from({ length: 1 + upTo(4) }, () =>
          newChunk({ text: `${++chunks}`, vector: vector(), metadata: { kind: upTo(4) } }),
        ),
      });
    const newSearch = (): VectorSearch => ({
      vector: randomUnitVector(dimension, random),
      k: [1, 2, 5, 10, 40][upTo(5)] ?? 1,
      maxDistance: upTo(3) === 0 ? 0.2 + random() : undefined,
      filter: [undefined, { kind: { $lte: upTo(3) } }, { level: { $lte: upTo(3) } }][upTo(3)],
    });

    const history = new Map<number, Change>();
    const write = async (batch: readonly NewDocument[]) => {
      const outcomes = (await store.documents.write(library.id, batch)).map(valueOf);
      for (const [index, { document: written }] of outcomes.entries())
        history.set(written.seq, { documentId: written.id, document: batch[index] });
    };
    const remove = async (number: number) => {
      // One that is not there is nothing to remove.
      const seq = await store.documents.delete(library.id, uuidOf(number)).catch(() => undefined);
      if (seq !== undefined) history.set(seq, { documentId: uuidOf(number), document: undefined });
    };

    const patch = async (number: number) => {
      const level = upTo(4);
      // Never the same twice, so that it always changes something.
      const merge = { clearsMetadata: false, metadata: { level, number: ++patches } };
      const patched = await store.documents.patch(library.id, uuidOf(number), merge).catch(() => undefined);
      if (patched !== undefined) history.set(patched.seq, { documentId: uuidOf(number), level });
    };

    const recorders: LiveQueryRecorder[] = [];
    const watch = async () => recorders.push(await LiveQueryRecorder.watch(store, library.id, newSearch()));
    for (let round = 0; round < rounds; round++) {
      // Growing at first, then shrinking, then both.
      const deletes = round < rounds / 3 ? 1 : round < (2 * rounds) / 3 ? 30 : 10;
      const numbers = Array.from({ length: deletes }, () => upTo(documents));
      const batches = Array.from({ length: 6 }, () =>
        Array.from({ length: 1 + upTo(3) }, () => document(upTo(documents))),
      );
      await Promise.all([
        ...batches.slice(0, 3).map(write),
        ...numbers.map(remove),
        ...numbers.map(() => patch(upTo(documents))),
        ...(recorders.length < liveQueries ? [watch(), watch(), watch()] : []),
        ...batches.slice(3).map(write),
        patch(upTo(documents)),
      ]);
    }
    // Something that each of them has to show at last.
    const ends = recorders.map(({ search }, index) =>
      newChunk({ text: `end ${index}`, vector: search.vector, metadata: { kind: 0 } }),
    );
    await write([newDocument({ id: uuidOf(documents), metadata: { level: 0 }, chunks: ends })]);
    const last = Math.max(...history.keys());
    for (const [index, recorder] of recorders.entries()) {
      await recorder.until(({ seq }) => seq === last);
      expect(recorder.texts).toContain(`end ${index}`);
    }

    const model = new Map<string, readonly ModelChunk[]>();
    let compared = 0;
    const states = recorders.flatMap((recorder) => recorder.states.map((state) => ({ recorder, state })));
    const bySeq = Map.groupBy(states, ({ state }) => state.seq);
    for (let seq = 1; seq <= last; seq++) {
      const change = history.get(seq);
      if (change !== undefined) apply(model, seq, change);
      for (const { recorder, state } of bySeq.get(seq) ?? []) {
        compare(recorder, state, [...model.values()].flat());
        compared++;
      }
    }
    expect(compared).toBe(states.length);
    for (const { states: own } of recorders) {
      const seqs = own.map(({ seq }) => seq);
      expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
    }
    expect(states.length).toBeGreaterThan(10 * recorders.length);
  });
}

function apply(model: Map<string, readonly ModelChunk[]>, seq: number, change: Change): void {
  const { documentId } = change;
  if ("level" in change) {
    const before = model.get(documentId) ?? [];
    model.set(
      documentId,
      before.map((chunk) => ({ ...chunk, level: change.level })),
    );
    return;
  }
  const { document } = change;
  // A document that is written again has new chunks.
  model.delete(documentId);
  if (document === undefined) return;
  const chunks = document.chunks.map(({ text, vector, metadata }) => ({
    text,
    vector,
    kind: Number(metadata["kind"]),
    level: Number(document.metadata["level"]),
    addedAt: seq,
  }));
  model.set(documentId, chunks);
}

function compare(recorder: LiveQueryRecorder, { hits, exact }: StoreHits, chunks: readonly ModelChunk[]): void {
  const { vector, k, filter, maxDistance } = recorder.search;
  const passes = filter === undefined ? () => true : compile(filter);
  const passing = chunks
    .filter(({ kind, level }) => passes({ server: {}, metadata: { kind, level } }))
    .map((chunk) => ({ ...chunk, distance: distanceOf(vector, chunk.vector) }))
    .filter(({ distance }) => distance <= (maxDistance ?? Infinity))
    .toSorted((a, b) => a.distance - b.distance);
  const right = passing.slice(0, k);
  const levels = new Map(chunks.map(({ text, level }) => [text, level]));
  const stale = hits.filter((hit) => hit.document.metadata["level"] !== levels.get(hit.text));
  expect(stale).toEqual([]);
  const shown = hits.map(({ text, distance }) => `${text} at ${distance}`);
  if (exact) {
    expect(shown).toEqual(right.map(({ text, distance }) => `${text} at ${distance}`));
    return;
  }
  expect(shown).toHaveLength(right.length);
  const places = hits.map(({ text, distance }) =>
    passing.findIndex((chunk) => chunk.text === text && chunk.distance === distance),
  );
  expect(places).toEqual([...new Set(places)].filter((place) => place >= 0).toSorted((a, b) => a - b));
  // What came after the first answer was compared, so that none of it is missing.
  const texts = new Set(hits.map(({ text }) => text));
  const missing = right.filter(({ text, addedAt }) => addedAt > recorder.first.seq && !texts.has(text));
  expect(missing).toEqual([]);
}
