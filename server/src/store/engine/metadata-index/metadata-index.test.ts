import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { Filter, FilterRecord } from "@arrwdb/protocol/filter/filter";
import { serialize } from "node:v8";
import type { MetadataScalar } from "@arrwdb/protocol/documents/metadata";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chunkRecords,
  filters,
  instants,
  knownIntegers,
  knownNumbers,
  long,
  longTexts,
  noInstants,
  ownFields,
  shortTexts,
} from "../../../../../test/support/data/metadata-arbitraries.ts";
import {
  ask,
  ChunkLibrary as Library,
  passing,
  smallThresholds as small,
} from "../../../../../test/support/data/chunk-library.ts";
import { defaultMetadataThresholds, MetadataIndex, type MetadataThresholds } from "./metadata-index.ts";

type Step =
  | { readonly kind: "add"; readonly record: FilterRecord; readonly gap: number }
  | { readonly kind: "update"; readonly record: FilterRecord; readonly place: number; readonly told: boolean }
  | { readonly kind: "remove"; readonly place: number }
  | { readonly kind: "ask"; readonly filter: Filter; readonly fully: boolean }
  | { readonly kind: "work" | "save" | "reopen" };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("add"), record: chunkRecords, gap: fc.constantFrom(1, 2, 70_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("update"), record: chunkRecords, place: fc.nat(), told: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove"), place: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("ask"), filter: filters, fully: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("work") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("save", "reopen") }) },
);

/** Does a step that asks nothing; returns what is saved now. */
function perform(library: Library, step: Exclude<Step, { kind: "ask" }>, saved: Uint8Array): Uint8Array {
  switch (step.kind) {
    case "add":
      library.add(step.record, step.gap);
      return saved;
    case "update":
      library.update(step.place, step.record, step.told);
      return saved;
    case "remove":
      library.remove(step.place);
      return saved;
    case "work":
      library.index.work();
      return saved;
    case "save":
      library.changed.clear();
      return library.index.save();
    case "reopen":
      library.reopen(saved);
      return saved;
  }
}

const roomy: MetadataThresholds = {
  ...small,
  few: { ...small.few, values: 1_000, maxValues: 1_000, textLength: 1_000 },
};
const forms: Readonly<Record<string, MetadataThresholds>> = {
  "a bitmap for each value": roomy,
  "sorted values": { ...small, few: { ...small.few, values: 0, maxValues: 0 } },
  "both, one after the other": { ...small, few: { values: 2, rowsPerValue: 3, maxValues: 4, textLength: 40 } },
  "fewer fields than are asked for": { ...small, fields: 2 },
  "little memory": { ...small, bytes: 3_000, bytesPerChunk: 40 },
  "everything at once": { ...small, atOnce: 1_000 },
};

const known: readonly MetadataScalar[] = [
  ...shortTexts,
  ...longTexts,
  ...instants,
  ...noInstants,
  ...knownNumbers,
  ...knownIntegers,
  true,
  false,
  null,
];
const characters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const everyFilter: readonly Filter[] = [
  ...known.flatMap((operand) => ["$eq", "$ne", "$contains"].map((name) => ({ a: { [name]: operand } }))),
  ...known
    .filter((operand) => typeof operand !== "boolean" && operand !== null)
    .flatMap((operand) => ["$gt", "$gte", "$lt", "$lte"].map((name) => ({ a: { [name]: operand } }))),
  ...instants.flatMap(($date) =>
    ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"].map((name) => ({ a: { [name]: { $date } } })),
  ),
  { a: { $in: ["a", { $date: "2026-11-27" }, 733739433195933697n] } },
  ...characters.map((operand) => ({ a: { $contains: operand } })),
  { a: { $in: known } },
  { a: { $nin: longTexts } },
];

describe("An index of metadata", () => {
  for (const [name, thresholds] of Object.entries(forms)) {
    it(`selects what a filter lets pass, with ${name}`, () => {
      fc.assert(
        fc.property(
          fc.array(chunkRecords, { maxLength: 40 }),
          fc.array(steps, { minLength: 1, maxLength: 25 }),
          fc.constantFrom(1, 65_500, 2 ** 32 - 5_000_000),
          (initial, changes, firstKey) => {
            const library = new Library(initial, thresholds, firstKey);
            let saved = library.index.save();
            for (const step of changes) {
              if (step.kind !== "ask") {
                saved = perform(library, step, saved);
                continue;
              }
              const { filter, fully } = step;
              expect(ask(library, filter, fully).passing).toEqual(passing(library, filter));
            }
          },
        ),
        { numRuns: 400 },
      );
    });

    it(`tells values apart that are alike, with ${name}`, () => {
      const library = Library.of(
        known.flatMap((value) => [{ a: value }, { a: [value, "other"] }]),
        thresholds,
      );
      for (const filter of everyFilter) expect(ask(library, filter, true).passing).toEqual(passing(library, filter));
      for (let place = 0; place < 3 * known.length; place++) library.remove(place * 7);
      for (const value of known) library.add(ownFields({ a: value }));
      for (const filter of everyFilter) expect(ask(library, filter, true).passing).toEqual(passing(library, filter));
    });
  }

  it("has nothing to be looked at where values are few, or short", () => {
    const bitmaps = Library.of(
      known.map((value) => ({ a: value })),
      roomy,
    );
    for (const filter of everyFilter)
      expect(ask(bitmaps, filter, true)).toMatchObject({ exact: true, passing: passing(bitmaps, filter) });
    const sorted = Library.of(
      [...shortTexts, ...instants, ...knownNumbers, ...knownIntegers].map((value) => ({ a: value })),
      forms["sorted values"] ?? small,
    );
    for (const filter of everyFilter.filter((one) => !stringifyExactly(one).includes(long)))
      expect(ask(sorted, filter, true)).toMatchObject({ exact: true, passing: passing(sorted, filter) });
  });

  it("narrows equality with a long text to those that are likely", () => {
    const titles = Array.from({ length: 500 }, (_, index) => ({ a: `${"x".repeat(200)}${index}` }));
    const library = Library.of(titles, defaultMetadataThresholds);
    expect(ask(library, { a: `${"x".repeat(200)}7` }, true)).toMatchObject({ passing: [15], read: [15] });
  });

  it("indexes fields that were named at different times one after the other", () => {
    const library = Library.of(
      Array.from({ length: 20 }, (_, index) => ({ a: index % 3, d: index % 5 })),
      small,
    );
    expect(ask(library, { a: 1 }, false).exact).toBe(false);
    library.index.work();
    library.index.work();
    expect(ask(library, { a: 1, d: 1 }, false).read).toHaveLength(20);
    const readBefore = library.reads;
    while (library.index.work());
    expect(library.reads - readBefore).toBe(5 + 7);
    expect(ask(library, { a: 1, d: 1 }, false)).toMatchObject({ exact: true, passing: [3, 33] });
    expect(ask(library, { a: 2 }, false)).toMatchObject({ exact: true, selected: passing(library, { a: 2 }) });
    expect(library.index.working).toBe(false);
  });

  it("comes to its end though new names keep coming", () => {
    const library = Library.of(
      Array.from({ length: 20 }, (_, index) => ({ a: index % 3 })),
      small,
    );
    expect(ask(library, { a: 1 }, false).exact).toBe(false);
    for (let slice = 0; slice < 7; slice++) {
      library.index.evaluate({ [`typo${slice}`]: 1 });
      library.index.work();
    }
    expect(ask(library, { a: 1 }, false)).toMatchObject({ exact: true, selected: passing(library, { a: 1 }) });
  });

  it("knows a name that no chunk has for what it is, without a look at the chunks", () => {
    const library = Library.of(
      Array.from({ length: 20 }, (_, index) => ({ a: { b: index % 3 } })),
      small,
    );
    expect(ask(library, { "a.b": 1 }, true).exact).toBe(true);
    library.reads = 0;
    for (const filter of [{ "a.c": 1 }, { typo: { $exists: false } }, { typo: { $ne: 2 } }, { typo: null }])
      expect(ask(library, filter, false)).toMatchObject({ exact: true, selected: passing(library, filter) });
    expect([library.reads, library.index.working, library.index.awaits({ typo: 1 })]).toEqual([0, false, false]);
    library.add(ownFields({ typo: 1 }));
    expect(ask(library, { typo: 1 }, true).selected).toHaveLength(1);
  });

  it.each([10, 5_000])("keeps fields that chunks have, whatever other names come, among %i fields", (number) => {
    const wide = Object.fromEntries(Array.from({ length: number }, (_, index) => [`field${index}`, 1]));
    const library = Library.of([{ a: 1 }, wide, { a: 2 }], defaultMetadataThresholds);
    expect(ask(library, { a: 1 }, true).exact).toBe(true);
    for (let name = 0; name < 200; name++) library.index.evaluateFully({ [`typo${name}`]: 1 });
    library.reads = 0;
    expect(ask(library, { a: 1 }, false).selected).toHaveLength(1);
    expect(library.reads).toBe(0);
  });

  it("goes on where it was when chunks that are gone are left out", () => {
    const library = Library.of(
      Array.from({ length: 20 }, (_, index) => ({ a: index % 2 })),
      small,
    );
    expect(ask(library, { a: 1 }, false).exact).toBe(false);
    for (let slice = 0; slice < 3; slice++) library.index.work();
    const before = library.index.bytes;
    for (let times = 0; times < 12; times++) library.remove(times % 2 === 0 ? 0 : 5);
    expect(library.index.bytes).toBeLessThan(before);
    expect(ask(library, { a: 1 }, true)).toMatchObject({ exact: true, passing: passing(library, { a: 1 }) });
  });

  it("knows after a start what it knew before, and what has changed since", () => {
    const library = Library.of(
      Array.from({ length: 20 }, (_, index) => ({ a: index % 4, d: `text ${index}` })),
      small,
    );
    expect(ask(library, { a: 1, d: "text 1" }, true).exact).toBe(true);
    const saved = library.index.save();
    library.remove(5);
    library.add(ownFields({ a: 1, d: "text 1" }));
    library.reads = 0;
    library.reopen(saved);
    expect(library.index.working).toBe(true);
    while (library.index.work());
    expect(library.reads).toBe(1);
    for (const filter of [{ a: 1 }, { d: "text 1" }, { d: { $lt: "text 2" } }])
      expect(ask(library, filter, false)).toMatchObject({ exact: true, passing: passing(library, filter) });
  });

  it("refuses what was saved in another form, or belongs to other chunks", () => {
    const { index } = Library.of([{ a: 1 }, { a: 2 }], small);
    expect(() => MetadataIndex.restore(serialize({ format: "other" }), [], () => [])).toThrow("it was made as other");
    expect(() => MetadataIndex.restore(index.save(), [2, 3], () => [])).toThrow("comes behind");
  });

  it("narrows by the fields that it knows already", () => {
    const library = Library.of(
      Array.from({ length: 20 }, (_, index) => ({ a: index % 4, d: index % 5 })),
      small,
    );
    expect(ask(library, { a: 1 }, true)).toMatchObject({ exact: true });
    expect(ask(library, { a: 1, d: 1 }, false)).toMatchObject({
      passing: [3],
      selected: [3, 11, 19, 27, 35],
      exact: false,
    });
  });

  it("indexes a small library when it is asked", () => {
    const library = Library.of([{ a: 1 }, { a: 2 }], defaultMetadataThresholds);
    expect(ask(library, { a: 1 }, false).exact).toBe(true);
  });

  it("refuses a chunk that comes behind a later one", () => {
    const library = Library.of([{ a: 1 }, { a: 2 }], small);
    expect(() => library.index.add(3, ownFields({}))).toThrow("Chunk 3 comes behind chunk 3");
  });
});
