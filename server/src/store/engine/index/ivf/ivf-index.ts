import type { Candidate } from "../../vectors/nearest.ts";
import { CodeRows } from "../../vectors/code-rows.ts";
import { encode, typicalErrorOf } from "../../vectors/codes.ts";
import { firstOf, joined } from "../../vectors/compare-codes.ts";
import type { SnapshotFiles } from "../snapshot-files.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { Snapshot } from "../snapshots-table.ts";
import { scanProposal } from "../scan-proposal.ts";
import { type Proposal, type Quality, scanCost, type VectorIndex } from "../vector-index.ts";
import type { ListPlan } from "./list-plan.ts";
import { ivfFormat, loadLists, saveLists, type TrainedLists } from "./ivf-snapshot.ts";
import { compareRuns, runsOf } from "./probing.ts";
import { trainLists, type TrainingVectors } from "./train-lists.ts";
import { sliceRows, trainingThreads } from "./training.ts";

/** Lists are rebuilt when this many times the vectors that they were built for have been added. */
const growth = 4;
/** Minimum number of proposed vectors, as the nearest code need not belong to the nearest vector. */
const leastProposed = 64;
/** Minimum number of rows compared per requested candidate. */
const reserve = 4;

type Training = Steps<TrainedLists | undefined>;

export interface IvfIndexOptions {
  readonly dimension: number;
  readonly files: SnapshotFiles;
  /** Prefix of its file names. */
  readonly name: string;
  /** Maximum number of vectors waiting in memory. */
  readonly tailLimit: number;
  /** Maximum number of vectors moved to lists at a time. */
  readonly slice: number;
  /** Called when writing fails for the first time; it is retried from then on. */
  readonly onStall: (error: unknown) => void;
  readonly plan: ListPlan;
  /** Vectors to train with; required if the plan has lists. */
  readonly training?: TrainingVectors;
}

/**
 * An inverted file: vectors are stored in lists on disk, by the nearest of many centroids, and a search reads the lists
 * with the nearest centroids (Sivic and Zisserman 2003; Jégou et al. 2011). In memory, each vector takes some 20 bytes: its
 * key and position. New vectors are kept in a tail in memory that is scanned exhaustively, and move into the lists slice by
 * slice, between requests. The file changes with the index, so it can be reused only after a clean close.
 */
export class IvfIndex implements VectorIndex {
  readonly kind = "ivf";
  readonly savedAtEnd = true;
  readonly exact = false;
  readonly freezable = false;
  readonly #options: IvfIndexOptions;
  #probes: number | null;
  /** Starts the training; undefined once it has succeeded. */
  #begin: (() => Training) | undefined;
  #training: Training | undefined;
  #trained: TrainedLists | undefined;
  #tail: CodeRows;
  #widest = 0;
  #trainedFor: number;
  #added = 0;
  #stalled = false;
  #isKept = false;

  constructor(options: IvfIndexOptions) {
    const { plan, training, dimension } = options;
    this.#options = options;
    this.#probes = plan.nprobe;
    this.#tail = new CodeRows(dimension);
    this.#trainedFor = training?.keys.length ?? 0;
    if (plan.lists > 0 && training !== undefined) {
      this.#begin = () => trainLists({ ...options, ...training, lists: plan.lists });
    }
    this.#training = this.#begin?.();
  }

  /** @throws if the files are not what was saved */
  static *load(options: IvfIndexOptions, snapshot: Snapshot): Steps<IvfIndex> {
    const { files, dimension } = options;
    const index = new IvfIndex(options);
    const { figures, ...trained } = yield* loadLists(files, snapshot, dimension);
    // It is written again when the index is closed.
    files.remove(snapshot.files.slice(1));
    index.#trained = trained;
    index.#widest = figures.widest;
    index.#trainedFor = figures.trainedFor;
    index.#added = figures.added;
    return index;
  }

  get size(): number {
    return this.#tail.size + (this.#trained?.lists.size ?? 0);
  }

  get pending(): number {
    return this.#hasLists ? this.#tail.size : 0;
  }

  get saturated(): boolean {
    return this.#hasLists && this.#tail.size >= this.#options.tailLimit;
  }

  get effort(): number | undefined {
    return this.#probesFor(1);
  }

  get quality(): Quality | undefined {
    const measured = this.#trained?.effort.measured;
    if (measured === undefined) return undefined;
    const { near: effort, recall, queries, chunks, at } = measured;
    return { effort, recall, queries, chunks, at };
  }

  get deletedFraction(): number {
    return this.#trained?.lists.deletedFraction ?? 0;
  }

  get unsaved(): number {
    return this.#trained === undefined ? 0 : Math.max(1, this.#added);
  }

  get bytes(): number {
    const trained = this.#trained;
    const lists = trained === undefined ? 0 : trained.lists.bytes + trained.centroids.codes.byteLength;
    return lists + this.#tail.size * (this.#options.dimension + 56);
  }

  get #hasLists(): boolean {
    return this.#trained !== undefined || this.#training !== undefined;
  }

  *keys(): Generator<number> {
    yield* this.#tail.keys();
    if (this.#trained !== undefined) yield* this.#trained.lists.keys();
  }

  add(key: number, vector: Float32Array): void {
    const { bytes, angle } = encode(vector);
    this.#widest = Math.max(this.#widest, angle);
    this.#tail.add(key, bytes);
    this.#added++;
  }

  remove(keys: readonly number[]): void {
    for (const key of keys) if (!this.#tail.remove(key)) this.#trained?.lists.remove(key);
  }

  walkCost(count: number): number {
    const lists = this.#trained?.lists;
    const probes = this.#probesFor(count);
    if (lists === undefined || probes === undefined) return Infinity;
    const rows = Math.max(reserve * count, (lists.size * probes) / Math.max(1, lists.count));
    return scanCost * (Math.min(rows, lists.size) + this.#tail.size);
  }

  search(queries: readonly Float32Array[], count: number): readonly Proposal[] {
    const codes = queries.map((query) => encode(query));
    const fromTail = this.#tail.search(
      codes.map(({ bytes }) => bytes),
      count,
    );
    return codes.map(({ bytes, angle }, place) => {
      const { items, probed } = this.#probe(bytes, Math.max(count, leastProposed));
      const all = [...(fromTail[place] ?? []), ...items];
      if (probed) return this.#complete(firstOf(all, count), this.size, angle);
      return {
        items: all,
        completeBelow: all.length >= this.size ? Infinity : -Infinity,
        typicalError: this.#typicalError(angle),
      };
    });
  }

  compareAll(query: Float32Array, count: number): Proposal {
    const { bytes, angle } = encode(query);
    const lists = this.#trained?.lists;
    const items = lists === undefined ? [] : compareRuns(lists, lists.allRuns(), bytes, count);
    const all = [...(this.#tail.search([bytes], count)[0] ?? []), ...items];
    return this.#complete(firstOf(all, count), this.size, angle);
  }

  compareSome(query: Float32Array, keys: Iterable<number>, count: number): Proposal {
    const { bytes, angle } = encode(query);
    const wanted = [...keys];
    const lists = this.#trained?.lists;
    const items = lists === undefined ? [] : compareRuns(lists, runsOf(lists, wanted), bytes, count);
    const all = [...this.#tail.compare(bytes, wanted, count), ...items];
    return this.#complete(firstOf(all, count), wanted.length, angle);
  }

  vector(): undefined {
    return undefined;
  }

  freeze(): undefined {
    return undefined;
  }

  work(): boolean {
    try {
      const more = this.#training === undefined ? this.#move() : this.#advance(this.#training);
      this.#stalled = false;
      return more;
    } catch (error) {
      // Everything is still searchable in the tail, so failed writes are retried when there is no other work.
      this.#training = this.#begin?.();
      if (!this.#stalled) this.#options.onStall(error);
      this.#stalled = true;
      return false;
    }
  }

  tune({ nprobe }: ListPlan): void {
    this.#probes = nprobe;
  }

  increaseEffort(): boolean {
    return this.#probes === null && this.#trained?.effort.increaseEffort() === true;
  }

  /** Why it would have to be rebuilt to match the plan. */
  rebuildReason(plan: ListPlan): string | undefined {
    if (plan.nlist !== this.#options.plan.nlist) return "its settings were changed";
    if (plan.lists === 0) return undefined;
    if (!this.#hasLists) return "it is large enough for lists";
    return this.#added >= growth * this.#trainedFor ? "much was added since its lists were made" : undefined;
  }

  *save(files: SnapshotFiles): Steps<Snapshot | undefined> {
    if (this.#trained === undefined) return undefined;
    const { dimension, name, plan } = this.#options;
    const figures = { widest: this.#widest, trainedFor: this.#trainedFor, added: this.#added };
    return yield* saveLists(files, { name, format: ivfFormat(plan, dimension), trained: this.#trained, figures });
  }

  saved(): void {
    this.#isKept = true;
  }

  close(): void {
    this.#training?.return(undefined);
    if (this.#isKept) this.#trained?.rows.close();
    else this.#trained?.rows.remove();
  }

  /** The nearest in the probed lists, and whether all lists were probed. */
  #probe(query: Int8Array, count: number): { readonly items: readonly Candidate[]; readonly probed: boolean } {
    const trained = this.#trained;
    if (trained === undefined || trained.lists.size === 0) return { items: [], probed: true };
    const { centroids, lists } = trained;
    const wanted = Math.min(this.#probesFor(count) ?? lists.count, lists.count);
    let chosen: number[] = [];
    for (let around = Math.min(2 * wanted, lists.count); ; around = lists.count) {
      chosen = [];
      let rows = 0;
      for (const { row: list } of centroids.around(query, around)) {
        if (chosen.length >= wanted && rows >= reserve * count) break;
        chosen.push(list);
        rows += lists.sizeOf(list);
      }
      if (around === lists.count || (chosen.length >= wanted && rows >= reserve * count)) break;
    }
    const runs = chosen.values().flatMap((list) => lists.runs(list));
    return { items: compareRuns(lists, runs, query, count), probed: chosen.length === lists.count };
  }

  /** Number of lists to probe for this many results; undefined if no number suffices, or there are no lists. */
  #probesFor(count: number): number | undefined {
    return this.#trained === undefined ? undefined : (this.#probes ?? this.#trained.effort.for(count));
  }

  #advance(training: Training): boolean {
    const step = training.next();
    if (step.done === true) {
      this.#begin = undefined;
      this.#training = undefined;
      this.#trained = step.value;
    }
    return true;
  }

  /** Moves a slice of the tail to the lists. */
  #move(): boolean {
    const trained = this.#trained;
    if (trained === undefined || this.#tail.size === 0) return false;
    const { dimension, slice } = this.#options;
    const { centroids, lists } = trained;
    const keys = this.#tail.keys().slice(-Math.min(slice, sliceRows(dimension, centroids.count)));
    const codes = joined(
      keys.map((key) => this.#tail.code(key) ?? new Int8Array(dimension)),
      dimension,
    );
    const assigned = centroids.assign(codes, trainingThreads);
    for (const [row, key] of keys.entries()) {
      lists.add(assigned[row] ?? 0, key, codes.subarray(row * dimension, (row + 1) * dimension));
      this.#tail.remove(key);
    }
    // An empty tail releases its memory.
    if (this.#tail.size === 0) this.#tail = new CodeRows(dimension);
    return this.#tail.size > 0;
  }

  /** The proposal of an exhaustive scan of the codes of `compared` vectors. */
  #complete(items: readonly Candidate[], compared: number, angle: number): Proposal {
    return scanProposal(items, { compared, slack: angle + this.#widest, dimension: this.#options.dimension });
  }

  #typicalError(angle: number): number {
    return typicalErrorOf(angle + this.#widest, this.#options.dimension);
  }
}
