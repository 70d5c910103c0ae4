import { describe, expect, it } from "vitest";
import type { DocumentStore } from "../../../server/src/store/document-store.ts";
import type { VectorSearch } from "../../../server/src/store/search-store.ts";
import { RecallCheck } from "../../support/data/recall.ts";
import { randomUnitVector, seededRandom } from "../../support/data/vectors.ts";
import { dimension, newChunk, newDocument, type StoreFixture, valueOf } from "../store-fixture.ts";

/** The part of the nearest that the answers of a store hold on the whole, also those that are not exact. */
const wantedRecall = 0.99;
const k = 10;

type Vector = Float32Array<ArrayBuffer>;

/** What a store has to have for that. */
interface SearchedStore {
  readonly documents: Pick<DocumentStore, "write">;
  readonly searches: {
    search(
      libraryId: string,
      search: VectorSearch,
    ): Promise<{ readonly hits: readonly { readonly text: string; readonly distance: number | null }[] }>;
  };
}

const random = seededRandom(97);

function beside(centre: Vector, distance: number): Vector {
  const direction = randomUnitVector(dimension, random);
  const sum = centre.map((number, index) => number + distance * (direction[index] ?? 0));
  const length = Math.hypot(...sum);
  return sum.map((number) => number / length);
}

/** Texts of topics, copies of one, and some that are like no other. */
function someVectors(): readonly Vector[] {
  const centres = Array.from({ length: 9 }, () => randomUnitVector(dimension, random));
  const copied = randomUnitVector(dimension, random);
  return Array.from({ length: 480 }, (_each, row) => {
    if (row % 4 === 0) return copied;
    if (row % 4 === 1) return randomUnitVector(dimension, random);
    return beside(centres[row % centres.length] ?? copied, 0.2);
  });
}

/** Fills a library, and expects that its searches find what is nearest, with filters and without, also to nothing there. */
export async function expectRecall(store: SearchedStore, libraryId: string): Promise<void> {
  const vectors = someVectors();
  const documents = vectors.map((vector, row) =>
    newDocument({ metadata: { third: row % 3, tenth: row % 10 }, chunks: [newChunk({ vector, text: `${row}` })] }),
  );
  for (let from = 0; from < documents.length; from += 60) {
    for (const outcome of await store.documents.write(libraryId, documents.slice(from, from + 60))) valueOf(outcome);
  }
  const queries = [...vectors.slice(-20), ...Array.from({ length: 20 }, () => randomUnitVector(dimension, random))];
  const recalls: Record<string, number> = {};
  const check = new RecallCheck(queries, vectors);
  const measure = async (name: string, filter: VectorSearch["filter"], passes: (row: number) => boolean) => {
    recalls[name] = await check.recall(k, passes, (vector) => store.searches.search(libraryId, { vector, k, filter }));
  };
  await measure("of all", undefined, () => true);
  await measure("of two thirds", { third: { $ne: 1 } }, (row) => row % 3 !== 1);
  await measure("of a tenth", { tenth: 4 }, (row) => row % 10 === 4);
  expect(Object.entries(recalls).filter(([, recall]) => recall < wantedRecall)).toEqual([]);
}

export function describeRecall(fixture: StoreFixture): void {
  describe("an answer that is not exact", () => {
    it("has at least 0.99 of the nearest, on the whole", async () => {
      await expect(expectRecall(fixture.store, fixture.library.id)).resolves.toBeUndefined();
    });
  });
}
