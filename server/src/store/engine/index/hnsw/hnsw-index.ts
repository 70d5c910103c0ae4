import type { Candidate } from "../../vectors/nearest.ts";
import { CodeRows } from "../../vectors/code-rows.ts";
import { typicalErrorOf, encode } from "../../vectors/codes.ts";
import { firstOf } from "../../vectors/compare-codes.ts";
import type { SnapshotFiles } from "../snapshot-files.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { Snapshot } from "../snapshots-table.ts";
import { scanProposal } from "../scan-proposal.ts";
import { type Proposal, type Quality, scanCost, type VectorIndex, type VectorSource } from "../vector-index.ts";
import { CodeGroups } from "./code-groups.ts";
import { Effort } from "../measure/search-effort.ts";
import { FrozenHnswIndex } from "./frozen-hnsw-index.ts";
import { type Graph, graphThreads, type GraphVector } from "./graph.ts";
import { type LoadedGraph, saveGraph } from "./hnsw-snapshot.ts";
import { GraphMeasurement } from "./graph-measurement.ts";
import type { GraphShape } from "./native-graph.ts";

/** Approximate duration of one slice of work in milliseconds; a search may have to wait for it. */
const sliceTime = 2;
/** Vectors added to the graph at a time. */
const batchSize = 2 * graphThreads;
/** Cost of a walk, and of each of its candidates, in vectors compared individually. Measured at 1,024 dimensions. */
const walkCost = 300;
const candidateCost = 6;

export interface HnswIndexOptions {
  readonly graph: Graph;
  readonly source: VectorSource;
  /** Vectors added to the graph at a time; bounds how long a search waits for it. */
  readonly slice: number;
  /** Minimum number of candidates that a search examines (ef). */
  readonly effort: number;
}

/**
 * A graph of the vectors, and their 8-bit codes beside it. New vectors are kept in a tail whose codes are scanned
 * exhaustively; they move into the graph slice by slice, between requests. Equal vectors share a node. The codes also serve
 * searches that a graph cannot: comparing only what passes a filter, or everything. A graph is searched only after it was
 * measured, with the measured number of candidates, and is measured again as it changes.
 */
export class HnswIndex implements VectorIndex {
  readonly kind = "hnsw";
  readonly saturated = false;
  readonly savedAtEnd = false;
  readonly exact = false;
  readonly freezable = true;
  readonly #graph: Graph;
  readonly #source: VectorSource;
  /** Vectors added to the graph at a time; bounds how long a search waits for it. */
  readonly #slice: number;
  readonly #tail: CodeRows;
  readonly #codes: CodeGroups;
  readonly #effort: Effort;
  readonly #measurement: GraphMeasurement;
  /** Whether the next slice of work belongs to a measurement in progress. */
  #measuresNext = false;
  #widest: number;
  /** Greatest key ever added. */
  #last: number;
  readonly #frozen = new Set<FrozenHnswIndex>();
  #removed = 0;
  #unsaved = 0;
  /** The number of changes included in the save in progress. */
  #saving = 0;

  /** @param loaded the graph, codes and measurement loaded from files */
  constructor({ graph, source, slice, effort, ...loaded }: HnswIndexOptions & Partial<LoadedGraph>) {
    const { dimension } = graph.shape;
    this.#effort = new Effort(effort, loaded.measured);
    this.#graph = graph;
    this.#source = source;
    this.#slice = slice;
    this.#tail = new CodeRows(dimension);
    this.#codes = loaded.codes ?? new CodeGroups(dimension);
    this.#measurement = new GraphMeasurement({ graph, codes: this.#codes, tail: this.#tail, effort: this.#effort });
    this.#widest = loaded.widest ?? 0;
    this.#last = loaded.last ?? 0;
  }

  get shape(): GraphShape {
    return this.#graph.shape;
  }

  get size(): number {
    return this.#codes.size + this.#tail.size;
  }

  get pending(): number {
    return this.#tail.size;
  }

  get effort(): number | undefined {
    return this.#effort.for(1);
  }

  get quality(): Quality | undefined {
    const measured = this.#effort.measured;
    if (measured === undefined || measured.nodes === 0) return undefined;
    const { near: effort, recall, queries, chunks, at } = measured;
    return { effort, recall, queries, chunks, at };
  }

  get deletedFraction(): number {
    return this.#removed / Math.max(1, this.#removed + this.#codes.rows.size);
  }

  get unsaved(): number {
    return this.#unsaved;
  }

  get bytes(): number {
    const { dimension, quantization, connectivity } = this.shape;
    const number = { i8: 1, f16: 2, f32: 4 }[quantization];
    const node = dimension * number + 2.2 * connectivity * 4 + 24;
    const rows = this.#codes.rows.size + this.#tail.size;
    return Math.round(this.#graph.size * node + rows * dimension + this.size * 96);
  }

  *keys(): Generator<number> {
    yield* this.#codes.keys();
    yield* this.#tail.keys();
  }

  add(key: number, vector: Float32Array): void {
    const { bytes, angle } = encode(vector);
    this.#widest = Math.max(this.#widest, angle);
    this.#last = Math.max(this.#last, key);
    this.#tail.add(key, bytes);
  }

  remove(keys: readonly number[]): void {
    const nodes: number[] = [];
    for (const key of keys) {
      this.#keep(key);
      if (this.#tail.remove(key) || !this.#codes.has(key)) continue;
      const node = this.#codes.remove(key);
      if (node !== undefined) nodes.push(node);
      this.#unsaved++;
    }
    this.#graph.remove(nodes);
    this.#effort.removed(nodes.length);
    this.#removed += nodes.length;
  }

  walkCost(count: number): number {
    const effort = this.#effort.for(count);
    return effort === undefined ? Infinity : walkCost + candidateCost * effort + scanCost * this.#tail.size;
  }

  search(queries: readonly Float32Array[], count: number): readonly Proposal[] {
    const codes = queries.map((query) => encode(query));
    const bytes = codes.map((code) => code.bytes);
    const fromTail = this.#tail.search(bytes, count);
    if (this.#codes.size === 0) {
      return fromTail.map((items, place) => this.#complete(items, this.size, codes[place]?.angle ?? 0));
    }
    for (const query of queries) this.#measurement.note(query);
    // All examined candidates are proposed, as the nearest by code need not be the nearest.
    const width = Math.min(Math.max(count, this.#effort.for(count) ?? 0), this.#codes.rows.size);
    const fromGraph = this.#graph.search(this.#graphQueries(queries, bytes), width, width);
    return fromGraph.map((found, place) => {
      const items = [...this.#codes.expand(found, count), ...(fromTail[place] ?? [])];
      const completeBelow = items.length >= this.size ? Infinity : -Infinity;
      return { items, completeBelow, typicalError: this.#typicalError(codes[place]?.angle ?? 0) };
    });
  }

  compareAll(query: Float32Array, count: number): Proposal {
    const { bytes, angle } = encode(query);
    this.#measurement.note(query);
    const found = [...this.#codes.search(bytes, count), ...(this.#tail.search([bytes], count)[0] ?? [])];
    return this.#complete(firstOf(found, count), this.size, angle);
  }

  compareSome(query: Float32Array, keys: Iterable<number>, count: number): Proposal {
    const { bytes, angle } = encode(query);
    const inTail: number[] = [];
    const inGraph: number[] = [];
    for (const key of keys) (this.#tail.has(key) ? inTail : inGraph).push(key);
    const found = [...this.#codes.compare(bytes, inGraph, count), ...this.#tail.compare(bytes, inTail, count)];
    return this.#complete(firstOf(found, count), inTail.length + inGraph.length, angle);
  }

  freeze(): FrozenHnswIndex {
    const { dimension } = this.shape;
    const [codes, tail] = [this.#codes.freeze(), this.#tail.freeze()];
    const frozen = new FrozenHnswIndex({
      codes,
      tail,
      widest: this.#widest,
      dimension,
      size: this.size,
      last: this.#last,
      note: (query) => this.#measurement.note(query),
      walk: (query, count) =>
        this.search([query], count)[0] ?? { items: [], completeBelow: -Infinity, typicalError: 0 },
      onEnd: () => this.#frozen.delete(frozen),
    });
    this.#frozen.add(frozen);
    return frozen;
  }

  /** Called before a chunk is removed. */
  #keep(key: number): void {
    if (this.#frozen.size === 0) return;
    const code = this.#tail.code(key) ?? this.#codes.code(key);
    if (code !== undefined) for (const frozen of this.#frozen) frozen.keep(key, code);
  }

  vector(): undefined {
    return undefined;
  }

  work(): boolean {
    const measures = this.#measurement.begin();
    const moves = this.#tail.size > this.#measurement.held;
    // Moving and measuring alternate, so that neither waits for the other to finish.
    if (measures && (this.#measuresNext || !moves)) {
      this.#measuresNext = false;
      if (this.#measurement.continue()) this.#unsaved++;
      return true;
    }
    this.#measuresNext = true;
    if (!moves) return false;
    const end = performance.now() + sliceTime;
    for (let moved = 0; moved < this.#slice && performance.now() < end; moved += batchSize) {
      const keys = this.#tail.keys().slice(Math.max(this.#measurement.held, this.#tail.size - batchSize));
      if (keys.length === 0) break;
      this.#move(keys);
    }
    return this.#tail.size > 0 || this.#measurement.due;
  }

  #move(keys: readonly number[]): void {
    const moved: number[] = [];
    const vectors: GraphVector[] = [];
    for (const key of keys) {
      const code = this.#tail.code(key)?.slice();
      const vector = this.#graph.shape.quantization === "i8" ? code : this.#source(key);
      if (vector === undefined) this.#keep(key);
      this.#tail.remove(key);
      // A vector without a row on disk will be removed from here shortly.
      if (code === undefined || vector === undefined) continue;
      this.#unsaved++;
      if (!this.#codes.add(key, code, (other) => this.#isEqual(key, other))) continue;
      moved.push(key);
      vectors.push(vector);
    }
    this.#graph.add(moved, vectors);
  }

  #isEqual(key: number, other: number): boolean {
    const vector = this.#source(key);
    const found = this.#source(other);
    return vector !== undefined && found !== undefined && vector.every((number, index) => number === found[index]);
  }

  /** @param effort minimum number of candidates that a search examines (ef) */
  tune(effort: number): void {
    this.#effort.least = effort;
  }

  increaseEffort(): boolean {
    return this.#effort.increaseEffort();
  }

  /** Why it would have to be rebuilt for this shape. */
  rebuildReason({ quantization, connectivity, expansionAdd }: GraphShape): string | undefined {
    const own = this.shape;
    const fits =
      own.quantization === quantization && own.connectivity === connectivity && own.expansionAdd === expansionAdd;
    return fits ? undefined : "its settings were changed";
  }

  *save(files: SnapshotFiles, name: string): Steps<Snapshot> {
    this.#saving = this.#unsaved;
    const measured = this.#effort.measured;
    return yield* saveGraph(files, name, { graph: this.#graph, codes: this.#codes, widest: this.#widest, measured });
  }

  saved(): void {
    this.#unsaved -= this.#saving;
    this.#saving = 0;
  }

  close(): void {}

  #graphQueries(queries: readonly Float32Array[], bytes: readonly Int8Array<ArrayBuffer>[]): readonly GraphVector[] {
    return this.shape.quantization === "i8" ? bytes : queries.map((query) => new Float32Array(query));
  }

  /** The proposal of an exhaustive scan of the codes of `compared` vectors. */
  #complete(items: readonly Candidate[], compared: number, angle: number): Proposal {
    const { dimension } = this.shape;
    return scanProposal(items, { compared, slack: angle + this.#widest, dimension });
  }

  #typicalError(angle: number): number {
    return typicalErrorOf(angle + this.#widest, this.shape.dimension);
  }
}
