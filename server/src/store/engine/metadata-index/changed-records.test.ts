import { describe, expect, it } from "vitest";
import {
  ask,
  ChunkLibrary as Library,
  passing,
  smallThresholds as small,
} from "../../../../../test/support/data/chunk-library.ts";
import { ownFields } from "../../../../../test/support/data/metadata-arbitraries.ts";
import { defaultMetadataThresholds } from "./metadata-index.ts";

describe("An index of metadata whose records change", () => {
  it("goes on saying what passed when a selection was made, whatever is changed after that", () => {
    const library = Library.of(
      Array.from({ length: 20 }, (_, index) => ({ a: index % 4 })),
      small,
    );
    const before = passing(library, { a: 1 });
    const selections = [library.index.evaluateFully({ a: 1 })];
    const read = () => expect.unreachable("it is exact");
    for (let place = 0; place < 20; place++) {
      library.update(place, ownFields({ a: 1 }), place % 2 === 0);
      if (place % 3 === 0) library.update(place, ownFields({ a: 2 }), true);
      const keys = [...library.chunks.keys()];
      for (const selection of selections) {
        expect([...selection.keys()]).toEqual(before);
        expect(keys.filter((key) => selection.has(key) && selection.passes(key, read))).toEqual(before);
      }
    }
    for (let place = 19; place >= 0; place -= 2) library.remove(place);
    expect([...(selections[0]?.keys() ?? [])]).toEqual(before);
    expect(ask(library, { a: 1 }, true).passing).toEqual(passing(library, { a: 1 }));
  });

  it("takes no more memory for a chunk that changes again and again", () => {
    const library = Library.of(
      Array.from({ length: 1_000 }, (_, index) => ({ a: index, b: `text ${index}` })),
      defaultMetadataThresholds,
    );
    ask(library, { a: 1, b: "text 1" }, true);
    for (let place = 0; place < 2_000; place++)
      library.update(place, ownFields({ a: place, b: `text ${place}` }), true);
    const { bytes } = library.index;
    for (let round = 0; round < 5_000; round++)
      library.update(7 * round, ownFields({ a: round, b: `text ${round}` }), true);
    expect(library.index.bytes).toBeLessThan(2 * bytes);
    expect(ask(library, { a: 17 }, true)).toMatchObject({ exact: true, passing: passing(library, { a: 17 }) });
  });

  it("reads nothing of a chunk that changes before a filter needs it", () => {
    const library = Library.of([{ a: 1 }, { a: 2 }], small);
    library.update(0, ownFields({ a: 3 }), false);
    expect(library.index.working).toBe(false);
    expect(ask(library, { a: 3 }, true).passing).toHaveLength(1);
  });
});
