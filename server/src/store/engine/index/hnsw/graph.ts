import { availableParallelism } from "node:os";
import type { Candidate } from "../../vectors/nearest.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import { createNativeGraph, type GraphShape, type NativeGraph } from "./native-graph.ts";

/** Use every core. */
const allThreads = 0;
/** One core is left for the server's other threads, which would otherwise delay requests. */
export const graphThreads = Math.max(1, availableParallelism() - 1);

/** Candidates examined when a single vector is looked up. */
const mendingEffort = 64;

/** Everything that the format of a saved graph depends on; a graph with another format is rebuilt. */
export const graphFormat = ({ dimension, quantization, connectivity, expansionAdd }: GraphShape): string =>
  `usearch-2.26-2 cos ${quantization} ${dimension} ${connectivity} ${expansionAdd}`;

/** Bytes for `i8`, floats for the other quantizations. */
export type GraphVector = Int8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/**
 * A navigable small-world graph (HNSW, Malkov and Yashunin 2016): fast and approximate. Its order is an estimate;
 * callers compare the true vectors.
 */
export class Graph {
  readonly shape: GraphShape;
  readonly #native: NativeGraph;

  constructor(shape: GraphShape) {
    this.shape = shape;
    this.#native = createNativeGraph(shape);
  }

  get size(): number {
    return this.#native.size();
  }

  /**
   * Adds vectors. Nodes added concurrently do not see each other, and some of them (0.005 to 0.3% were observed) become
   * unreachable. So each is searched for afterwards, and added again by itself if it is not found.
   */
  add(keys: readonly number[], vectors: readonly GraphVector[]): void {
    const rows = vectors.length;
    if (rows === 0) return;
    let added = 0;
    // Reserves room for as many threads as add; searches may use no more than that, so all are reserved here.
    if (this.size + rows >= this.#native.capacity()) {
      this.#addSome(keys.slice(0, 1), vectors.slice(0, 1), allThreads);
      added = 1;
    }
    const threads = Math.min(graphThreads, rows - added);
    if (threads > 1) {
      this.#addSome(keys.slice(added), vectors.slice(added), threads);
      this.#mend(keys.slice(added), vectors.slice(added));
    } else if (rows > added) this.#addSome(keys.slice(added), vectors.slice(added), 1);
  }

  #addSome(keys: readonly number[], vectors: readonly GraphVector[], threads: number): void {
    this.#native.add(BigUint64Array.from(keys, BigInt), this.#matrix(vectors), threads);
  }

  #mend(keys: readonly number[], vectors: readonly GraphVector[]): void {
    const found = this.search(vectors, 2, mendingEffort);
    for (const [row, key] of keys.entries()) {
      const vector = vectors[row];
      if (vector === undefined || found[row]?.some((candidate) => candidate.key === key)) continue;
      this.remove([key]);
      this.#addSome([key], [vector], 1);
    }
  }

  /** Number of these nodes that no walk finds, even after they were added again individually. */
  countLost(nodes: readonly { readonly key: number; readonly code: Int8Array<ArrayBuffer> }[], effort: number): number {
    const isBytes = this.shape.quantization === "i8";
    const lostOf = (some: typeof nodes) => {
      const queries = some.map(({ code }) => (isBytes ? code : new Float32Array(code)));
      const found = this.search(queries, effort, effort);
      return some.filter(({ key }, row) => found[row]?.some((candidate) => candidate.key === key) !== true);
    };
    const lost = lostOf(nodes);
    if (!isBytes || lost.length === 0) return lost.length;
    for (const { key, code } of lost) {
      this.remove([key]);
      this.#addSome([key], [code], 1);
    }
    return lostOf(lost).length;
  }

  remove(keys: readonly number[]): void {
    if (keys.length > 0) this.#native.remove(BigUint64Array.from(keys, BigInt));
  }

  /**
   * Proposals for each query, nearest first; fewer than `count` if the walk found no more.
   *
   * @param effort number of candidates to examine (ef), if greater than `count`
   */
  search(queries: readonly GraphVector[], count: number, effort: number): readonly (readonly Candidate[])[] {
    if (this.size === 0 || queries.length === 0) return queries.map(() => []);
    const width = Math.max(count, Math.min(effort, this.size));
    const [keys, distances, counts] = this.#native.search(
      this.#matrix(queries),
      width,
      Math.min(graphThreads, queries.length),
    );
    return queries.map((_query, row) => {
      const found: Candidate[] = [];
      const start = row * width;
      const end = start + Math.min(count, Number(counts[row] ?? 0n));
      for (let place = start; place < end; place++) {
        found.push({ key: Number(keys[place]), distance: distances[place] ?? 2 });
      }
      return found;
    });
  }

  *save(path: string): Steps<void> {
    this.#native.save(path);
    yield;
  }

  load(path: string): void {
    this.#native.load(path);
  }

  #matrix(vectors: readonly GraphVector[]): Int8Array | Float32Array {
    const length = vectors.length * this.shape.dimension;
    const matrix = this.shape.quantization === "i8" ? new Int8Array(length) : new Float32Array(length);
    for (const [row, vector] of vectors.entries()) matrix.set(vector, row * this.shape.dimension);
    return matrix;
  }
}
