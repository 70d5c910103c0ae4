import { compile, type Filter } from "@arrwdb/protocol/filter/filter";
import type { Steps } from "../../../../scheduling/steps.ts";
import { termOf, type Value } from "../../metadata-index/values/field-term.ts";
import { recordValues } from "../../metadata-index/values/record-values.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";
import { visitRecords } from "../../rows/visit-records.ts";
import { BestHits, type HitRef } from "./best-hits.ts";
import { byBestHit, type HitGroup } from "./top-groups.ts";

export interface ReadGroupsOptions {
  readonly chunks: Pick<ChunksTable, "records">;
  readonly library: number;
  readonly filter: Filter;
  readonly field: string;
  /** Number of groups, and of hits of each. */
  readonly groups: number;
  readonly hits: number;
  /** The order of a chunk that passes the filter; undefined if it is no hit. */
  readonly orderOf: (key: number) => number | undefined;
}

/**
 * Groups hits by reading every chunk, for a field that is too large for the metadata index. Reads them twice, so that memory
 * is bounded: for the groups, and then for their hits.
 */
export function* groupByReading(options: ReadGroupsOptions): Steps<readonly HitGroup[]> {
  const { groups, hits } = options;
  let best = new Map<Value | undefined, BestHits>();
  yield* visitHits(options, (value, hit) => {
    const known = best.get(value) ?? new BestHits(1);
    best.set(value, known);
    known.add(hit);
    // A group that is left out comes back with a better hit, or not at all.
    if (best.size >= 2 * groups + 64) best = new Map(bestOf(best, groups).map((one) => [one.value?.value, one.found]));
  });
  const chosen = new Map(bestOf(best, groups).map(({ value }) => [value?.value, new BestHits(hits)]));
  yield* visitHits(options, (value, hit) => chosen.get(value)?.add(hit));
  return bestOf(chosen, groups);
}

function bestOf(found: ReadonlyMap<Value | undefined, BestHits>, limit: number) {
  return Array.from(found, ([value, hits]) => ({
    value: value === undefined ? undefined : { value, term: termOf(value) },
    hits: hits.hits,
    found: hits,
  }))
    .toSorted(byBestHit)
    .slice(0, limit);
}

function* visitHits(
  { chunks, library, filter, field, orderOf }: ReadGroupsOptions,
  visit: (value: Value | undefined, hit: HitRef) => void,
): Steps<void> {
  const passes = compile(filter);
  yield* visitRecords(chunks, library, (key, record) => {
    const order = passes(record) ? orderOf(key) : undefined;
    if (order === undefined) return true;
    const values = recordValues(record, field);
    if (values.size === 0) visit(undefined, { key, order });
    for (const value of values) visit(value, { key, order });
    return true;
  });
}
