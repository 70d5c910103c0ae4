import type { IndexKind } from "@arrwdb/protocol/documents/index-settings";
import type { Library } from "@arrwdb/protocol/documents/model";
import type { Steps } from "../../../scheduling/steps.ts";
import type { Log } from "../threads/thread-messages.ts";
import type { IndexThresholds } from "./index-thresholds.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import type { Snapshot } from "./snapshots-table.ts";
import type { VectorIndex, VectorSource } from "./vector-index.ts";

/** Dependencies for creating indexes of a library. */
export interface IndexResources {
  readonly source: VectorSource;
  readonly files: SnapshotFiles;
  readonly thresholds: IndexThresholds;
  readonly log: Log;
}

/** The index that a library should have. */
export interface PlannedIndex {
  readonly kind: IndexKind;
  /** What a saved index is compatible with; one of another format is rebuilt. Undefined if this kind is not saved. */
  readonly format: string | undefined;
  /** An empty index. @param keys of the vectors that will be added to it first */
  create(keys: readonly number[]): VectorIndex;
  /** @throws if the files are not what was saved */
  load(snapshot: Snapshot): Steps<VectorIndex>;
  /** Applies settings that need no rebuild, if the index is of this kind. */
  tune(index: VectorIndex): void;
  /** Why the index would have to be replaced to be as planned; undefined if it need not be. */
  rebuildReason(index: VectorIndex): string | undefined;
}

export interface PlanRequest extends IndexResources {
  readonly library: Pick<Library, "id" | "index" | "dimension">;
  /** Chunks of the library. */
  readonly size: number;
}

/**
 * A kind of index. A new one is a folder that exports its definition, and a line in `index-kinds.ts`.
 */
export interface IndexDefinition<Kind extends IndexKind = IndexKind> {
  readonly kind: Kind;
  /** The index of this kind for a library of this size; undefined if its settings ask for another kind. */
  plan(request: PlanRequest): PlannedIndex | undefined;
}

/** @throws if no kind is meant for the library's settings */
export function planIndex(definitions: readonly IndexDefinition[], request: PlanRequest): PlannedIndex {
  for (const definition of definitions) {
    const planned = definition.plan(request);
    if (planned !== undefined) return planned;
  }
  throw new Error(
    `index: no kind of index is defined for type "${request.library.index.type}" and ${request.size} chunks`,
  );
}

/** @see PlannedIndex.rebuildReason */
export const becomes = (index: VectorIndex, kind: IndexKind): string => `${index.kind} becomes ${kind}`;
