import type { Dataset } from "./dataset.ts";
import type { Profile } from "./profile.ts";
import type { Progress } from "./progress.ts";

/** What every scenario of a run works with. */
export interface BenchContext {
  readonly profile: Profile;
  readonly progress: Progress;
  /** As many chunks as the largest scenario needs. */
  readonly dataset: Dataset;
  readonly queries: readonly Float32Array<ArrayBuffer>[];
}
