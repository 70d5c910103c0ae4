import { type Filter, type FilterRecord, matches } from "@arrwdb/protocol/filter/filter";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkRecords, filters } from "../../../../../../test/support/data/metadata-arbitraries.ts";
import { finish } from "../../../../scheduling/steps.ts";
import { decodeTerm, maxTermBytes, termOf, type Value } from "../../metadata-index/values/field-term.ts";
import {
  defaultMetadataThresholds,
  MetadataIndex,
  type MetadataThresholds,
} from "../../metadata-index/metadata-index.ts";
import { recordValues } from "../../metadata-index/values/record-values.ts";
import { matchingRows } from "./matching-chunks.ts";
import { countByReading, type ReadCounts } from "./read-counts.ts";
import { ValueCounter } from "./value-counter.ts";

const fields = ["a", "d", "a.b", "created_at", "nothing"];
const small: MetadataThresholds = { ...defaultMetadataThresholds, slice: 3, many: { collected: 4, merged: 16 } };
const forms: Readonly<Record<string, MetadataThresholds>> = {
  "a bitmap for each value": { ...small, few: { ...small.few, values: 1_000, maxValues: 1_000, textLength: 1_000 } },
  "sorted values": { ...small, few: { ...small.few, values: 0, maxValues: 0 } },
};

const excluded: ReadonlySet<number> = new Set([3, 8]);

type Chunks = ReadonlyMap<number, FilterRecord>;

const tableOf = (chunks: Chunks) => ({
  record: (key: number) => chunks.get(key),
  records: (_library: number, after: number, limit: number) =>
    Array.from(chunks, ([key, record]) => ({ key, record }))
      .filter(({ key }) => key > after)
      .slice(0, limit),
});
const noVectors = { vector: () => undefined, *vectors() {} };

/** Each value with its number of chunks, as every record tells, and of how many chunks none is told. */
function truth(chunks: Chunks, filter: Filter, field: string) {
  const counts = new Map<Value, number>();
  let missing = 0;
  for (const [key, record] of chunks) {
    if (excluded.has(key) || !matches(filter, record)) continue;
    const values = recordValues(record, field);
    if (values.size === 0) missing++;
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([a, one], [b, other]) => other - one || Buffer.compare(termOf(a), termOf(b)));
  return { counts: sorted.map(([value, count]) => [Buffer.from(termOf(value)).toString("hex"), count]), missing };
}

function expectCounts(
  { top, missing }: Pick<ReadCounts, "top" | "missing">,
  limit: number,
  expected: ReturnType<typeof truth>,
) {
  const { values, others } = top.result();
  expect(values.map(({ term, count }) => [Buffer.from(term).toString("hex"), count])).toEqual(
    expected.counts.slice(0, limit),
  );
  expect(missing).toBe(expected.missing);
  expect(others).toBe(expected.counts.slice(limit).reduce((sum, [, count]) => sum + Number(count), 0));
}

describe.each(Object.entries(forms))("counting with %s", (_form, thresholds) => {
  it("counts what the records tell at its beginning, whatever is added and removed while it counts", () => {
    const property = fc.property(
      fc.array(chunkRecords, { minLength: 1, maxLength: 60 }),
      fc.array(chunkRecords, { maxLength: 60 }),
      filters,
      fc.integer({ min: 1, max: 8 }),
      (records, later, filter, limit) => {
        const chunks = new Map<number, FilterRecord>(records.map((record, place) => [2 * place + 1, record]));
        const index = new MetadataIndex([...chunks.keys()], tableOf(chunks).records.bind(null, 0), thresholds);
        const captured = index.capture(filter, fields);
        if (captured === undefined) throw new Error("The fields are not indexed");
        const started = new Map(chunks);
        const added = later.entries();
        const change = () => {
          const [first] = chunks.keys();
          if (first !== undefined) index.remove(first);
          if (first !== undefined) chunks.delete(first);
          const { value } = added.next();
          if (value === undefined) return;
          index.add(1_000 + 2 * value[0], value[1]);
          index.update(chunks.keys().next().value ?? 0, value[1]);
        };
        const options = {
          captured,
          filter,
          restriction: undefined,
          excluded,
          chunks: tableOf(started),
          vectors: noVectors,
          library: 0,
        };
        const steps = matchingRows(options);
        let next = steps.next();
        for (; next.done !== true; next = steps.next()) change();
        for (const [place, field] of fields.entries()) {
          const counter = new ValueCounter(limit, next.value, captured.count, captured.rows);
          const walk = captured.walks[place]?.(counter);
          while (walk?.next().done === false) change();
          expectCounts(counter, limit, truth(started, filter, field));
        }
      },
    );
    expect(fc.check(property, { numRuns: 150 })).toMatchObject({ counterexample: null, failed: false });
  });
});

it("counts by reading, in as many passes as the values need", () => {
  const property = fc.property(
    fc.array(chunkRecords, { minLength: 1, maxLength: 80 }),
    filters,
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 5, max: 200 }),
    (records, filter, limit, mostValues) => {
      const chunks = new Map<number, FilterRecord>(records.map((record, place) => [place + 1, record]));
      const asked = {
        chunks: tableOf(chunks),
        vectors: noVectors,
        library: 0,
        filter,
        restriction: undefined,
        excluded,
        mostValues,
      };
      const found = finish(countByReading({ ...asked, fields: fields.map((field) => ({ field, limit })) }));
      for (const [place, field] of fields.entries()) {
        const counts = found[place];
        if (counts === undefined) throw new Error("A field was not counted");
        expectCounts(counts, limit, truth(chunks, filter, field));
        for (const { value, term } of counts.top.result().values) {
          expect(value === undefined ? term.length : termOf(value)).toEqual(value === undefined ? maxTermBytes : term);
        }
      }
    },
  );
  expect(fc.check(property, { numRuns: 150 })).toMatchObject({ counterexample: null, failed: false });
});

it("reads a value from its term, unless the text was cut", () => {
  const property = fc.property(
    chunkRecords.map((record) => recordValues(record, "a")),
    (values) => {
      for (const value of values) {
        const term = termOf(value);
        const read = decodeTerm(term);
        if (term.length === maxTermBytes) expect(read).toBeUndefined();
        // Numbers are equal whatever their type.
        else expect([String(read), termOf(read ?? "")]).toEqual([String(value), term]);
      }
    },
  );
  fc.assert(property, { numRuns: 500 });
});
