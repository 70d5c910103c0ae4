import * as fc from "fast-check";
import { expect, it } from "vitest";
import { extent } from "../support/suite/extent.ts";
import { cosineDistance } from "../support/data/vectors.ts";
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

interface ModelDocument {
  readonly title: string;
  readonly vectors: readonly Float32Array<ArrayBuffer>[];
}

/** What a library holds, kept as plainly as can be. A Map keeps the place of a key that is set again, as a store has to. */
interface ModelLibrary {
  readonly id: string;
  readonly documents: Map<string, ModelDocument>;
  seq: number;
}

const document = fc.nat(8);
const commands = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      library: fc.nat(1),
      documents: fc.array(fc.record({ document, chunks: fc.integer({ min: 1, max: 6 }), title: fc.string() }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("patch" as const),
      library: fc.nat(1),
      document,
      title: fc.constantFrom("one", "two"),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("delete" as const), library: fc.nat(1), document }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("search" as const),
      library: fc.nat(1),
      k: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteLibrary" as const), library: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);
const scripts = fc.array(commands, { minLength: 5, maxLength: 40 });
type Command = typeof commands extends fc.Arbitrary<infer Value> ? Value : never;

export function describeModel(fixture: StoreFixture): void {
  it("agrees with a plain model over random changes, and after opening again", async () => {
    const numRuns = extent(6, 40);
    let played = 0;
    const property = fc.asyncProperty(scripts, async (script) => {
      await play(fixture, script);
      played++;
    });
    await fc.assert(property, { numRuns });
    expect(played).toBe(numRuns);
  });
}

async function play(fixture: StoreFixture, script: readonly Command[]): Promise<void> {
  const libraries = [await newModel(fixture), await newModel(fixture)];
  for (const command of script) await apply(fixture, libraries, command);
  for (const library of libraries) await compare(fixture, library);
  await fixture.reopen();
  for (const library of libraries) {
    await compare(fixture, library);
    await fixture.store.libraries.delete(library.id);
  }
}

async function newModel(fixture: StoreFixture): Promise<ModelLibrary> {
  return { id: (await fixture.createLibrary()).id, documents: new Map(), seq: 1 };
}

async function apply(fixture: StoreFixture, libraries: ModelLibrary[], command: Command): Promise<void> {
  if (command.kind === "reopen") return fixture.reopen();
  const library = libraries[command.library];
  if (library === undefined) return;
  switch (command.kind) {
    case "write":
      return write(fixture, library, command.documents);
    case "patch":
      return patch(fixture, library, command);
    case "delete": {
      const outcome = await codeOf(fixture.store.documents.delete(library.id, uuidOf(command.document)));
      expect(outcome).toBe(library.documents.delete(uuidOf(command.document)) ? undefined : "document_not_found");
      if (outcome === undefined) library.seq++;
      return;
    }
    case "search":
      return search(fixture, library, command.k);
    case "deleteLibrary":
      expect(await fixture.store.libraries.delete(library.id)).toBe(library.seq + 1);
      libraries[command.library] = await newModel(fixture);
  }
}

async function write(
  fixture: StoreFixture,
  library: ModelLibrary,
  documents: readonly { readonly document: number; readonly chunks: number; readonly title: string }[],
): Promise<void> {
  const inputs = documents.map(({ document: number, chunks, title }) => ({
    id: uuidOf(number),
    title,
    vectors: Array.from({ length: chunks }, randomVector),
  }));
  const outcomes = await fixture.store.documents.write(
    library.id,
    inputs.map(({ id, title, vectors }) =>
      newDocument({ id, title, chunks: vectors.map((vector, index) => newChunk({ text: `${id} ${index}`, vector })) }),
    ),
  );
  for (const [index, { id, title, vectors }] of inputs.entries()) {
    const created = !library.documents.has(id);
    expect(valueOf(outcomes[index])).toMatchObject({ created, document: { id, title, seq: ++library.seq } });
    library.documents.set(id, { title, vectors });
  }
}

async function patch(
  fixture: StoreFixture,
  library: ModelLibrary,
  { document: number, title }: { readonly document: number; readonly title: string },
): Promise<void> {
  const before = library.documents.get(uuidOf(number));
  const patching = fixture.store.documents.patch(library.id, uuidOf(number), {
    title,
    clearsMetadata: false,
    metadata: {},
  });
  if (before === undefined) return expect(await codeOf(patching)).toBe("document_not_found");
  if (title !== before.title) library.seq++;
  expect(await patching).toMatchObject({ document: { title }, seq: library.seq });
  library.documents.set(uuidOf(number), { ...before, title });
}

function nearest(
  library: ModelLibrary,
  query: Float32Array,
): readonly { readonly text: string; readonly distance: number }[] {
  return [...library.documents]
    .flatMap(([id, { vectors }]) =>
      vectors.map((vector, index) => ({ text: `${id} ${index}`, distance: cosineDistance(query, vector) })),
    )
    .toSorted((a, b) => a.distance - b.distance);
}

/** An answer has as many hits as it can and true distances; one that calls itself exact has the right hits too. */
async function search(fixture: StoreFixture, library: ModelLibrary, k: number): Promise<void> {
  const query = randomVector();
  const { hits, exact, seq } = await fixture.store.searches.search(library.id, { vector: query, k });
  const truth = nearest(library, query);
  expect([hits.length, seq]).toEqual([Math.min(k, truth.length), library.seq]);
  const distances = new Map(truth.map(({ text, distance }) => [text, distance]));
  for (const { text, distance } of hits) expect(distance).toBeCloseTo(distances.get(text) ?? NaN, 5);
  const texts = hits.map(({ text }) => text);
  expect(texts).toEqual(exact ? truth.slice(0, k).map(({ text }) => text) : [...new Set(texts)]);
}

async function compare(fixture: StoreFixture, library: ModelLibrary): Promise<void> {
  const { store } = fixture;
  const { id, seq, documents } = library;
  const chunks = [...documents.values()].reduce((sum, { vectors }) => sum + vectors.length, 0);
  expect(await store.libraries.get(id)).toMatchObject({ seq, num_documents: documents.size, num_chunks: chunks });
  const listed = await store.documents.list(id, { limit: 100 });
  expect(listed.items.map((item) => [item.id, item.title, item.num_chunks])).toEqual(
    [...documents].map(([key, { title, vectors }]) => [key, title, vectors.length]),
  );
  for (const [key, { vectors }] of documents) {
    const { document: found } = await store.documents.get(id, key);
    expect(found.chunks.map(({ text }) => text)).toEqual(vectors.map((_vector, index) => `${key} ${index}`));
  }
  for (const k of [1, 10, 1000]) await search(fixture, library, k);
  expect((await store.events.read(id, { afterSeq: 0, limit: 1000 })).events.map((event) => event.seq)).toEqual(
    range(1, seq),
  );
}
