import type { Candidate } from "../vectors/nearest.ts";
import type { IndexPlan } from "./index-settings.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import type { Snapshot } from "./snapshots-table.ts";

/** Chunks that an index proposes for a query; how far they truly are is for the one who asks to find out. */
export interface Proposal {
  /** In no order, with distances as the index has them. */
  readonly items: readonly Candidate[];
  /** Every vector that was to be compared and is truly nearer than this is among the items; `-Infinity` where nothing is promised. */
  readonly completeBelow: number;
  /** How far the distances of items may be from the true ones, as a rule. */
  readonly typicalError: number;
}

/** What an approximate index was found to be worth when it was measured. */
export interface Quality {
  /** What its searches have to look at; null if no effort finds enough, so that everything is compared. */
  readonly effort: number | null;
  readonly recall: number;
  readonly queries: number;
  /** Chunks that it held then. */
  readonly chunks: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a vector costs that is compared with all others, in vectors that are compared one by one. */
export const scanCost = 0.25;

/** Chunks of which each is told whether it is one. */
export interface KeySelection {
  readonly count: number;
  has(key: number): boolean;
  keys(): Iterable<number>;
}

/** What a walk proposes. */
export interface WalkResult {
  readonly items: readonly Candidate[];
  readonly typicalError: number;
  /** How many of the items, nearest first, have none missing between them, but by the error of the estimate. */
  readonly within: number;
}

/** An index as it was at one moment, compared in steps, whatever changes meanwhile. */
export interface FrozenIndex {
  readonly size: number;
  /** Asks the approximate structure, at once, where there is one. */
  walk?(query: Float32Array, count: number): WalkResult;
  /** Compares every vector. */
  compareAll(query: Float32Array, count: number): Steps<Proposal>;
  /** Compares those that are selected. */
  compareSome(query: Float32Array, some: KeySelection, count: number): Steps<Proposal>;
  /** To be called when it is not needed any more. */
  end(): void;
}

export type IndexKind = "flat" | "hnsw" | "ivf";

/** Where the true vectors are read; undefined for a chunk that is gone. */
export type VectorSource = (key: number) => Float32Array<ArrayBuffer> | undefined;

/** The vectors of one library in memory, found from the moment they are added. Keys are those of the chunks. */
export interface VectorIndex {
  readonly kind: IndexKind;
  /** Live vectors. */
  readonly size: number;
  /** Those that are compared one and all, as they are not in the approximate structure yet. */
  readonly pending: number;
  /** Whether so many wait in memory that it should work before it is given more. */
  readonly saturated: boolean;
  /** How much a search looks at: candidates of a graph (ef), lists (nprobe); undefined where it is everything. */
  readonly effort: number | undefined;
  /** As it was measured last; undefined where it was not. */
  readonly quality: Quality | undefined;
  /** Bytes of memory, roughly. */
  readonly bytes: number;
  /** Vectors that were removed and still cost time or memory, as a part of all; a rebuild frees them. */
  readonly deletedFraction: number;
  /** Changes since it was saved that would have to be made again. */
  readonly unsaved: number;
  /** Whether its files change with it, so that it can be saved only when it is not used any more. */
  readonly savedAtEnd: boolean;

  keys(): Iterable<number>;
  add(key: number, vector: Float32Array): void;
  /** Keys that are not there are passed over. */
  remove(keys: readonly number[]): void;
  /** What a search for `count` proposals costs, in vectors that are compared one by one; infinite where it would find too little. */
  walkCost(count: number): number;
  /** Proposals for each query, at least `count` where so many vectors are found. */
  search(queries: readonly Float32Array[], count: number): readonly Proposal[];
  /** Compares every vector. */
  compareAll(query: Float32Array, count: number): Proposal;
  /** Compares the vectors with these keys. */
  compareSome(query: Float32Array, keys: Iterable<number>, count: number): Proposal;
  /** The index as it is now; undefined for one that is compared at once, or not at all. */
  freeze(): FrozenIndex | undefined;
  /** The true vector, where it is in memory. */
  vector(key: number): Float32Array | undefined;
  /** Does one slice of what can wait, a few milliseconds long; tells whether there is more. */
  work(): boolean;
  /** Takes over what can change without a rebuild. */
  tune(plan: IndexPlan): void;
  /** Looks at more from now on, as searches found too little, and is measured again; tells whether anything changed. */
  increaseEffort(): boolean;
  /** Why one of the same kind would have to be made anew to be as planned. */
  rebuildReason(plan: IndexPlan): string | undefined;
  /**
   * Saves in steps what cannot be found in its files yet, as it is in the first of them, under names that begin with `name`;
   * undefined where that is not worth it.
   */
  save(files: SnapshotFiles, name: string): Steps<Snapshot | undefined>;
  /** What was saved is durable, and known of. */
  saved(): void;
  /** Lets go of what it holds, and removes files that were not saved. */
  close(): void;
}
