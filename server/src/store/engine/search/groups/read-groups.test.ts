import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { chunkRecords, filters } from "../../../../../../test/support/data/metadata-arbitraries.ts";
import { finish } from "../../../../scheduling/steps.ts";
import { MetadataIndex } from "../../metadata-index/metadata-index.ts";
import { passingRows } from "../facets/matching-chunks.ts";
import { groupAll, noHit } from "./group-all.ts";
import { groupByReading } from "./read-groups.ts";
import type { HitGroup } from "./top-groups.ts";

const termsAndHits = (groups: readonly HitGroup[]) =>
  groups.map(({ value, hits }) => ({ term: value && Buffer.from(value.term).toString("hex"), hits }));

it("makes the same groups by reading as with the metadata index", () => {
  const property = fc.property(
    fc.array(fc.tuple(chunkRecords, fc.constantFrom(0.1, 0.2, 0.3, undefined)), { minLength: 1, maxLength: 250 }),
    filters,
    fc.constantFrom("a", "d", "a.b", "created_at", "nothing"),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5 }),
    (chunks, filter, field, groups, hits) => {
      const records = chunks.map(([record], place): { key: number; record: FilterRecord } => ({
        key: place + 1,
        record,
      }));
      const read = (after: number, limit: number) => records.slice(after, after + limit);
      const orderOf = (key: number) => chunks[key - 1]?.[1];
      const index = new MetadataIndex(
        records.map(({ key }) => key),
        read,
      );
      const captured = index.capture(filter, [field]);
      const [walk] = captured?.walks ?? [];
      if (captured === undefined || walk === undefined) throw new Error("The field is not indexed");
      const passing = finish(passingRows(captured, filter, { record: (key) => records[key - 1]?.record }, new Set()));
      const orders = Float64Array.from(chunks, (_chunk, row) =>
        passing.has(row) ? (orderOf(captured.rows.key(row)) ?? noHit) : noHit,
      );
      const indexed = finish(groupAll({ orders, keys: captured.rows, groups, hits }, walk));
      const table = { records: (_library: number, after: number, limit: number) => read(after, limit) };
      const asked = { chunks: table, library: 0, filter, field, groups, hits, orderOf };
      expect(termsAndHits(finish(groupByReading(asked)))).toEqual(termsAndHits(indexed));
    },
  );
  expect(fc.check(property, { numRuns: 150 })).toMatchObject({ counterexample: null, failed: false });
});
