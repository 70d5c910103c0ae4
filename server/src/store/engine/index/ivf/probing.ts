import type { Candidate } from "../../vectors/nearest.ts";
import { firstOf, nearestOf, scratch, segmentRows } from "../../vectors/compare-codes.ts";
import type { Lists, ListRun } from "./inverted-lists.ts";

/** The `count` nearest rows of these runs, nearest first; memory is bounded whatever the number of rows. */
export function compareRuns(
  lists: Lists,
  runs: Iterable<ListRun>,
  query: Int8Array,
  count: number,
): readonly Candidate[] {
  const dimension = query.length;
  const matrix = scratch(segmentRows * dimension);
  const own = query.slice();
  let found: readonly Candidate[] = [];
  let slots: number[] = [];
  const compare = () => {
    if (slots.length === 0) return;
    const near = nearestOf(matrix.subarray(0, slots.length * dimension), own, count, { dimension })[0] ?? [];
    const items = near.map(({ row, distance }) => ({ key: lists.key(slots[row] ?? -1), distance }));
    found = firstOf([...found, ...items], count);
    slots = [];
  };
  for (const run of runs) {
    for (let done = 0; done < run.count;) {
      const rows = Math.min(run.count - done, segmentRows - slots.length);
      lists.read({ slot: run.slot + done, count: rows }, matrix, slots.length * dimension);
      for (let row = 0; row < rows; row++) slots.push(run.slot + done + row);
      done += rows;
      if (slots.length === segmentRows) compare();
    }
  }
  compare();
  return found;
}

/** The rows with these keys, in file order; unknown keys are skipped. */
export function* runsOf(lists: Lists, keys: Iterable<number>): Generator<ListRun> {
  const slots = Array.from(keys, (key) => lists.slot(key)).filter((slot) => slot !== undefined);
  let run: ListRun | undefined;
  for (const slot of Uint32Array.from(slots).toSorted()) {
    if (run !== undefined && run.slot + run.count === slot) run = { slot: run.slot, count: run.count + 1 };
    else {
      if (run !== undefined) yield run;
      run = { slot, count: 1 };
    }
  }
  if (run !== undefined) yield run;
}
