/** Work that takes long: after each step others may have their turn. What it gives, it gives at its end. */
export type Steps<Value> = Generator<undefined, Value, undefined>;

/** Does all of it at once. */
export function finish<Value>(steps: Steps<Value>): Value {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}
