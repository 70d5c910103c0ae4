import * as z from "zod";
import type { Candidate } from "../../nearest.ts";
import { readCodes, writeCodes } from "./code-file.ts";
import { CodeRows } from "../code-rows.ts";
import { encode, leastDistance } from "../codes.ts";
import { firstOf } from "../compare-codes.ts";
import { graphThreads, Graph, graphFormat, type GraphVector } from "./graph.ts";
import type { IndexPlan } from "../index-settings.ts";
import type { GraphShape } from "./native.ts";
import type { SnapshotFiles } from "../snapshot-files.ts";
import type { Snapshot } from "../snapshots-table.ts";
import type { Proposal, VectorIndex, VectorSource } from "../vector-index.ts";

/** Milliseconds of one slice of work, roughly: a search may have to wait for it. */
const sliceTime = 2;
/** Vectors that go into the graph at a time. */
const batchSize = 2 * graphThreads;

const details = z.object({ widest: z.number() });

/** What is saved and loaded beside the graph. */
interface GraphContent {
  /** Of the chunks in the graph. */
  readonly codes: CodeRows;
  /** The greatest angle between a vector and its code. */
  readonly widest: number;
}

/**
 * A graph of the vectors, and a byte for each of their numbers beside it. New vectors stand in a tail whose bytes are
 * compared one and all; they move into the graph slice by slice, between requests. The bytes also serve where a graph
 * cannot: to compare only what passes a filter, or everything.
 */
export class HnswIndex implements VectorIndex {
  readonly kind = "hnsw";
  readonly saturated = false;
  readonly savedAtEnd = false;
  readonly #graph: Graph;
  readonly #source: VectorSource;
  /** Vectors that go into the graph at a time; bounds how long a search waits for it. */
  readonly #slice: number;
  readonly #tail: CodeRows;
  readonly #codes: CodeRows;
  #widest: number;
  #removed = 0;
  #unsaved = 0;

  /** Candidates that a search looks at (ef). */
  #effort: number;

  /** @param loaded what a graph that was loaded holds */
  constructor(graph: Graph, source: VectorSource, slice: number, effort: number, loaded?: GraphContent) {
    this.#effort = effort;
    this.#graph = graph;
    this.#source = source;
    this.#slice = slice;
    this.#tail = new CodeRows(graph.shape.dimension);
    this.#codes = loaded?.codes ?? new CodeRows(graph.shape.dimension);
    this.#widest = loaded?.widest ?? 0;
  }

  /** @throws where it is not what was saved */
  static load(
    files: SnapshotFiles,
    { files: saved, size, details: known }: Snapshot,
    shape: GraphShape,
    source: VectorSource,
    slice: number,
    effort: number,
  ): HnswIndex {
    const [nodes, rows] = saved;
    if (nodes === undefined || rows === undefined) throw new Error("its files are not known");
    const graph = new Graph(shape);
    graph.load(files.path(nodes.file));
    if (graph.size !== size) throw new Error(`it holds ${graph.size} vectors instead of ${size}`);
    const codes = readCodes(files.path(rows.file), shape.dimension, size);
    return new HnswIndex(graph, source, slice, effort, { codes, ...details.parse(JSON.parse(known)) });
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

  get effort(): number {
    return this.#effort;
  }

  get erosion(): number {
    return this.#removed / Math.max(1, this.#removed + this.#codes.size);
  }

  get unsaved(): number {
    return this.#unsaved;
  }

  get bytes(): number {
    const { dimension, quantization, connectivity } = this.shape;
    const number = { i8: 1, f16: 2, f32: 4 }[quantization];
    const node = dimension * number + 2.2 * connectivity * 4 + 24;
    const rows = dimension + 56;
    return Math.round(this.#graph.size * node + this.size * rows);
  }

  keys(): readonly number[] {
    return [...this.#codes.keys(), ...this.#tail.keys()];
  }

  add(key: number, vector: Float32Array): void {
    const { bytes, angle } = encode(vector);
    this.#widest = Math.max(this.#widest, angle);
    this.#tail.add(key, bytes);
  }

  remove(keys: readonly number[]): void {
    const inGraph = keys.filter((key) => !this.#tail.remove(key) && this.#codes.remove(key));
    this.#graph.remove(inGraph);
    this.#removed += inGraph.length;
    this.#unsaved += inGraph.length;
  }

  search(queries: readonly Float32Array[], count: number): readonly Proposal[] {
    const codes = queries.map((query) => encode(query));
    const bytes = codes.map((code) => code.bytes);
    const fromTail = this.#tail.search(bytes, count);
    if (this.#codes.size === 0) {
      return fromTail.map((items, place) => this.#complete(items, this.size, codes[place]?.angle ?? 0));
    }
    const wanted = Math.min(count, this.#codes.size);
    const fromGraph = this.#graph.search(this.#graphQueries(queries, bytes), wanted, this.#effort);
    return fromGraph.map((items, place) => {
      const all = [...items, ...(fromTail[place] ?? [])];
      return { items: all, reach: all.length >= this.size ? Infinity : -Infinity };
    });
  }

  compareAll(query: Float32Array, count: number): Proposal {
    const { bytes, angle } = encode(query);
    const found = [...(this.#codes.search([bytes], count)[0] ?? []), ...(this.#tail.search([bytes], count)[0] ?? [])];
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

  vector(): undefined {
    return undefined;
  }

  work(): boolean {
    const end = performance.now() + sliceTime;
    for (let moved = 0; this.#tail.size > 0 && moved < this.#slice && performance.now() < end; moved += batchSize) {
      this.#move(this.#tail.keys().slice(-batchSize));
    }
    return this.#tail.size > 0;
  }

  #move(keys: readonly number[]): void {
    const moved: number[] = [];
    const vectors: GraphVector[] = [];
    for (const key of keys) {
      const code = this.#tail.code(key)?.slice();
      const vector = this.#graph.shape.quantization === "i8" ? code : this.#source(key);
      this.#tail.remove(key);
      // One that is gone from the disk will be removed from here in a moment.
      if (code === undefined || vector === undefined) continue;
      this.#codes.add(key, code);
      moved.push(key);
      vectors.push(vector);
    }
    this.#graph.add(moved, vectors);
    this.#unsaved += moved.length;
  }

  tune(plan: IndexPlan): void {
    if (plan.kind === "hnsw") this.#effort = plan.effort;
  }

  misfit(plan: IndexPlan): string | undefined {
    if (plan.kind !== "hnsw") return undefined;
    const { quantization, connectivity, expansionAdd } = plan.shape;
    const own = this.shape;
    const fits =
      own.quantization === quantization && own.connectivity === connectivity && own.expansionAdd === expansionAdd;
    return fits ? undefined : "its settings were changed";
  }

  save(files: SnapshotFiles, name: string): Snapshot {
    return {
      format: graphFormat(this.shape),
      size: this.#codes.size,
      details: JSON.stringify({ widest: this.#widest }),
      files: [
        files.save(`${name}.usearch`, (path) => this.#graph.save(path)),
        files.save(`${name}.codes`, (path) => writeCodes(path, this.#codes)),
      ],
    };
  }

  saved(): void {
    this.#unsaved = 0;
  }

  close(): void {}

  #graphQueries(queries: readonly Float32Array[], bytes: readonly Int8Array<ArrayBuffer>[]): readonly GraphVector[] {
    return this.shape.quantization === "i8" ? bytes : queries.map((query) => new Float32Array(query));
  }

  /** A proposal after the codes of `compared` vectors were compared, one and all. */
  #complete(items: readonly Candidate[], compared: number, angle: number): Proposal {
    const last = items.length < compared ? items.at(-1) : undefined;
    return { items, reach: last === undefined ? Infinity : leastDistance(last.distance, angle + this.#widest) };
  }
}
