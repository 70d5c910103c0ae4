import type { Failure } from "arrwdb-client";

/** Some documents could not be stored. The others of the same call stay stored. */
export class ArrwStoreError extends Error {
  override readonly name = "ArrwStoreError";
  /** Why, for each; `line` counts the documents of the call from 1. */
  readonly failures: readonly Failure[];
  /** The ids of those that were stored. */
  readonly stored: readonly string[];

  constructor(failures: readonly Failure[], stored: readonly string[]) {
    const [first] = failures;
    const reason = first === undefined ? "" : `: document ${first.line}: ${first.error} (${first.error_code})`;
    super(`${failures.length} of ${failures.length + stored.length} documents were not stored${reason}`);
    this.failures = failures;
    this.stored = stored;
  }
}
