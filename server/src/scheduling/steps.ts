import type { Slice } from "./slice.ts";

/** Work that takes long: after each step others may have their turn. What it gives, it gives at its end. */
export type Steps<Value> = Generator<undefined, Value, undefined>;

/** Does all of it at once. */
export function finish<Value>(steps: Steps<Value>): Value {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

/** Goes on for a slice of time, a step at least; tells whether it has come to its end. */
export function goOn(steps: Steps<unknown>, slice: Slice): boolean {
  do if (steps.next().done === true) return true;
  while (!slice.over);
  return false;
}
