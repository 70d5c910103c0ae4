import type { Steps } from "../../../../scheduling/steps.ts";
import { compareTerms, maxTermBytes, termOf, type Value } from "../../metadata-index/values/field-term.ts";
import { recordValues } from "../../metadata-index/values/record-values.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";
import { BestHits, type HitRef } from "./best-hits.ts";
import { byBestHit, type HitGroup } from "./top-groups.ts";

/** Records read per step. */
const readAtOnce = 64;

interface FirstGroups {
  readonly field: string;
  readonly groups: number;
  readonly hits: number;
}

interface OpenGroup extends HitGroup {
  readonly best: BestHits;
}

/**
 * Groups the first hits of a search, best first. If there are as many groups as wanted, they are the right ones, but may lack
 * hits beyond these.
 */
export function* groupFirst(
  first: readonly HitRef[],
  { field, groups, hits }: FirstGroups,
  chunks: Pick<ChunksTable, "record">,
): Steps<readonly HitGroup[]> {
  const open = new Map<Value | undefined, OpenGroup>();
  let lacking = groups;
  for (const [place, hit] of first.entries()) {
    if (lacking === 0) break;
    const record = chunks.record(hit.key);
    if (record === undefined) throw new Error(`Chunk ${hit.key} is in the index but not in the tables`);
    for (const value of groupsOf(recordValues(record, field))) {
      const known = open.get(value) ?? (open.size < groups ? newGroup(value, hits) : undefined);
      if (known === undefined || known.best.full) continue;
      open.set(value, known);
      known.best.add(hit);
      if (known.best.full) lacking--;
    }
    if (place % readAtOnce === readAtOnce - 1) yield;
  }
  return [...open.values()].map(({ value, best }) => ({ value, hits: best.hits })).toSorted(byBestHit);
}

function newGroup(value: Value | undefined, hits: number): OpenGroup {
  const best = new BestHits(hits);
  return { value: value === undefined ? undefined : { value, term: termOf(value) }, best, hits: best.hits };
}

/** In the order of groups with the same best hit. */
function groupsOf(values: ReadonlySet<Value>): readonly (Value | undefined)[] {
  if (values.size < 2) return values.size === 0 ? [undefined] : [...values];
  return Array.from(values, (value) => ({ value, term: termOf(value) }))
    .toSorted((a, b) => compareTerms(a.term, 0, a.term.length, b.term, 0, b.term.length, maxTermBytes))
    .map(({ value }) => value);
}
