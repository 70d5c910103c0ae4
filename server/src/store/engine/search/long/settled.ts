import type { Steps } from "../../../../scheduling/steps.ts";
import type { Outcome } from "../../threads/thread-messages.ts";

/** The result of long work as its only outcome. */
export function* settled<Value>(steps: Steps<Value>): Steps<readonly Outcome<Value>[]> {
  return [{ value: yield* steps }];
}
