import type { Steps } from "./steps.ts";

/** Items sorted, and items merged, per step: about a millisecond each. */
const sortedAtOnce = 2_048;
const mergedAtOnce = 8_192;

/** The items in order, as `toSorted`, which takes tens of milliseconds for tens of thousands. Stable as that is. */
export function* sortInSteps<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Steps<readonly Item[]> {
  let runs: (readonly Item[])[] = [];
  for (let from = 0; from === 0 || from < items.length; from += sortedAtOnce) {
    runs.push(items.slice(from, from + sortedAtOnce).toSorted(compare));
    if (items.length > sortedAtOnce) yield;
  }
  while (runs.length > 1) {
    const merged: (readonly Item[])[] = [];
    for (let place = 0; place < runs.length; place += 2) {
      const [first = [], second] = runs.slice(place, place + 2);
      merged.push(second === undefined ? first : yield* merge(first, second, compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<Item>(
  first: readonly Item[],
  second: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Steps<readonly Item[]> {
  const merged: Item[] = [];
  let [left, right] = [0, 0];
  while (left < first.length || right < second.length) {
    const [one, other] = [first[left], second[right]];
    if (one !== undefined && (other === undefined || compare(one, other) <= 0)) {
      merged.push(one);
      left++;
    } else if (other !== undefined) {
      merged.push(other);
      right++;
    }
    if (merged.length % mergedAtOnce === 0) yield;
  }
  return merged;
}
