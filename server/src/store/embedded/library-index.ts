import { rounding } from "./cosine-distance.ts";
import { FlatVectors } from "./flat-vectors.ts";
import { Graph } from "./graph.ts";
import type { Candidate } from "./nearest.ts";

export interface IndexThresholds {
  /** Chunks up to which a library is searched exactly. */
  readonly flatLimit: number;
  /** Vectors that may wait for the graph before a writer waits for it too. */
  readonly tailLimit: number;
  /** Vectors that go into the graph at a time; bounds how long a search waits for it. */
  readonly slice: number;
  /** Changes of a graph after which it is worth saving, if they are a fifth of it too. */
  readonly saveAfter: number;
}

export const defaultThresholds: IndexThresholds = {
  flatLimit: 4_096,
  tailLimit: 8_192,
  slice: 64,
  saveAfter: 10_000,
};

export interface Candidates {
  readonly items: readonly Candidate[];
  /** Whether every vector was compared. */
  readonly exact: boolean;
  /** Every vector nearer than this is among the items. */
  readonly reach: number;
  /** The graph gave fewer than it holds and was asked for, so its walk cannot reach some vectors. */
  readonly short: boolean;
}

/**
 * The vectors of one library, findable from the moment they are added. New ones stand in a tail that is compared as a
 * whole; when it is long they move into the graph slice by slice, between requests. So a small library is searched
 * exactly, and a growing one changes over without a pause.
 */
export class LibraryIndex {
  readonly #thresholds: IndexThresholds;
  readonly #graph: Graph;
  readonly #tail: FlatVectors;
  /** Changes of the graph since it was saved. */
  #unsaved = 0;

  constructor(dimension: number, thresholds: IndexThresholds, graph: Graph = new Graph(dimension)) {
    this.#thresholds = thresholds;
    this.#graph = graph;
    this.#tail = new FlatVectors(dimension);
  }

  get size(): number {
    return this.#graph.size + this.#tail.size;
  }

  get graphSize(): number {
    return this.#graph.size;
  }

  get unsaved(): number {
    return this.#unsaved;
  }

  add(key: number, vector: Float32Array): void {
    this.#tail.add(key, vector);
    while (this.#tail.size > this.#thresholds.tailLimit) this.migrate();
  }

  remove(keys: readonly number[]): void {
    const inGraph = keys.filter((key) => !this.#tail.remove(key));
    this.#graph.remove(inGraph);
    this.#unsaved += inGraph.length;
  }

  /** Whether vectors should move into the graph when there is time. */
  get migrating(): boolean {
    return this.#tail.size > (this.#graph.size > 0 ? 0 : this.#thresholds.flatLimit);
  }

  /** Moves one slice into the graph. */
  migrate(): void {
    const { keys, matrix } = this.#tail.takeLast(this.#thresholds.slice);
    this.#graph.add(keys, matrix);
    this.#unsaved += keys.length;
  }

  /** Candidates for each query, as the vectors in memory tell; graph distances are of half precision. */
  search(queries: readonly Float32Array[], count: number): readonly Candidates[] {
    const fromTail = this.#tail.search(queries, count);
    if (this.#graph.size === 0) {
      return fromTail.map((items) => {
        const last = items.length < this.size ? items.at(-1) : undefined;
        return { items, exact: true, reach: last === undefined ? Infinity : last.distance - rounding, short: false };
      });
    }
    const wanted = Math.min(count, this.#graph.size);
    const fromGraph = this.#graph.search(queries, wanted);
    return fromGraph.map((graphItems, row) => {
      const items = [...graphItems, ...(fromTail[row] ?? [])];
      const complete = items.length === this.size;
      const short = graphItems.length < wanted;
      return { items, exact: complete, reach: complete ? Infinity : -Infinity, short };
    });
  }

  /** The vector in full precision, where it is in memory. */
  vector(key: number): Float32Array | undefined {
    return this.#tail.vector(key);
  }

  /** The chunks that stand in the tail. */
  tailKeys(): ReadonlySet<number> {
    return new Set(this.#tail.keys());
  }

  save(path: string): void {
    this.#graph.save(path);
  }

  /** What was saved is durable. */
  saved(): void {
    this.#unsaved = 0;
  }
}
