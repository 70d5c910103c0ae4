import type { Slice } from "./slice.ts";

/** Long work that can yield after each step. Its result is the generator's return value. */
export type Steps<Value> = Generator<undefined, Value, undefined>;

/** Runs all of it at once. */
export function finish<Value>(steps: Steps<Value>): Value {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

/** Runs it for a time slice, one step at least; returns whether it has finished. */
export function goOn(steps: Steps<unknown>, slice: Slice): boolean {
  do if (steps.next().done === true) return true;
  while (!slice.over);
  return false;
}
