import type { IndexKind } from "@arrwdb/protocol/documents/index-settings";
import type { Steps } from "../../../scheduling/steps.ts";
import type { Candidate } from "../vectors/nearest.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import type { Snapshot } from "./snapshots-table.ts";

/** Chunks that an index proposes for a query. Their distances are estimates: callers measure the true ones. */
export interface Proposal {
  /** Unordered. */
  readonly items: readonly Candidate[];
  /**
   * Every compared vector whose true distance is less than this is among the items: `-Infinity` for no guarantee,
   * `Infinity` if the items are all vectors that were to be compared.
   */
  readonly completeBelow: number;
  /** Usual error of the estimates. */
  readonly typicalError: number;
}

/** The measured quality of an approximate index. */
export interface Quality {
  /** What its searches have to examine; null if no effort finds enough, so that everything is compared. */
  readonly effort: number | null;
  readonly recall: number;
  readonly queries: number;
  /** Number of chunks at that time. */
  readonly chunks: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Cost of a vector in an exhaustive scan, relative to a vector that is compared individually. */
export const scanCost = 0.25;

/** The chunks that pass a filter. */
export interface KeySelection {
  readonly count: number;
  has(key: number): boolean;
  keys(): Iterable<number>;
}

/** The result of an approximate search. */
export interface WalkResult {
  readonly items: readonly Candidate[];
  readonly typicalError: number;
  /** This many of the items, nearest first, are complete, apart from the error of the estimates. */
  readonly within: number;
}

/** A snapshot of an index, compared in steps while the index changes. */
export interface FrozenIndex {
  readonly size: number;
  /** Searches the approximate structure, if there is one, in one call. */
  walk?(query: Float32Array, count: number): WalkResult;
  /** Compares every vector. */
  compareAll(query: Float32Array, count: number): Steps<Proposal>;
  /** Compares the selected vectors. */
  compareSome(query: Float32Array, some: KeySelection, count: number): Steps<Proposal>;
  /** Must be called when the snapshot is no longer needed. */
  end(): void;
}

/** Reads the true vector of a chunk; undefined if the chunk no longer exists. */
export type VectorSource = (key: number) => Float32Array<ArrayBuffer> | undefined;

/** The part of an index that searches use. Vectors are identified by the keys of their chunks. */
export interface SearchableIndex {
  readonly kind: IndexKind;
  /** Number of vectors, without removed ones. */
  readonly size: number;
  /** Vectors that are not in the approximate structure yet; each search scans them. */
  readonly pending: number;
  /** Whether `search` compares every vector in full precision. */
  readonly exact: boolean;
  /** Whether `freeze` returns a snapshot if there are many vectors, so that long searches can continue in steps. */
  readonly freezable: boolean;
  /** What a search examines: candidates of a graph (ef), or lists (nprobe); undefined if everything. */
  readonly effort: number | undefined;
  /** As last measured; undefined if it was not measured. */
  readonly quality: Quality | undefined;
  /** The cost of `search` for `count` proposals, in vectors compared individually; infinite if it would find too few. */
  walkCost(count: number): number;
  /** Proposals for each query: at least `count` of them, unless fewer are found. */
  search(queries: readonly Float32Array[], count: number): readonly Proposal[];
  /** Compares every vector. */
  compareAll(query: Float32Array, count: number): Proposal;
  /** Compares the vectors with these keys; keys that it does not hold are ignored. */
  compareSome(query: Float32Array, keys: Iterable<number>, count: number): Proposal;
  /** A snapshot; undefined if the index can only be compared in one step. */
  freeze(): FrozenIndex | undefined;
  /** The true vector, if it is in memory. */
  vector(key: number): Float32Array | undefined;
}

/** The part of an index that keeps it up to date. A vector is found from the moment it is added. */
export interface MaintainedIndex {
  /** Bytes of memory, roughly. */
  readonly bytes: number;
  /** Vectors that are not in the approximate structure yet. */
  readonly pending: number;
  /** Whether so many vectors wait in memory that `work` should run before more are added. */
  readonly saturated: boolean;
  /** Removed vectors that still cost time or memory, as a fraction of all; a rebuild frees them. */
  readonly deletedFraction: number;
  keys(): Iterable<number>;
  /** @throws if the index holds the key already */
  add(key: number, vector: Float32Array): void;
  /** Keys that it does not hold are ignored. */
  remove(keys: readonly number[]): void;
  /** Does one slice of deferred work, a few milliseconds long; returns whether there is more. */
  work(): boolean;
  /** Increases the effort, as the recall of searches was too low; returns whether anything changed. */
  increaseEffort(): boolean;
}

/** The part of an index that saves it to files and closes them. */
export interface PersistentIndex {
  readonly size: number;
  /** Vectors that are not in the approximate structure yet, and are not saved. */
  readonly pending: number;
  /** Changes since it was last saved. */
  readonly unsaved: number;
  /** Whether its files change with it, so that it can be saved only when it is no longer used. */
  readonly savedAtEnd: boolean;
  /**
   * Saves in steps the unsaved part of its state as of the first step, under names that begin with `name`;
   * undefined if there is nothing worth saving.
   */
  save(files: SnapshotFiles, name: string): Steps<Snapshot | undefined>;
  /** Must be called once the result of `save` is recorded durably. */
  saved(): void;
  /** Closes its files, and removes those that were not saved. */
  close(): void;
}

/** All parts of an index, for its owner. */
export interface VectorIndex extends SearchableIndex, MaintainedIndex, PersistentIndex {}
