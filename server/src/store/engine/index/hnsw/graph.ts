import { availableParallelism } from "node:os";
import type { Candidate } from "../../vectors/nearest.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import { createNativeGraph, type GraphShape, type NativeGraph } from "./native-graph.ts";

/** Use every core. */
const allThreads = 0;
/** One core is for what else the server does: threads that wait for a core make the others wait for them. */
export const graphThreads = Math.max(1, availableParallelism() - 1);

/** Candidates that are looked at when a vector is looked for by itself. */
const mendingEffort = 64;

/** What a saved graph depends on; one saved by anything else is rebuilt. */
export const graphFormat = ({ dimension, quantization, connectivity, expansionAdd }: GraphShape): string =>
  `usearch-2.26-2 cos ${quantization} ${dimension} ${connectivity} ${expansionAdd}`;

/** Bytes for bytes, numbers for the other quantizations. */
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
   * Adds vectors. Nodes that several threads add at once do not see each other, and some (0.005 to 0.3% were seen) end up
   * where no search reaches them. So each is searched for afterwards, and one that is not found is added again by itself.
   */
  add(keys: readonly number[], vectors: readonly GraphVector[]): void {
    const rows = vectors.length;
    if (rows === 0) return;
    let added = 0;
    // Room is made for as many threads as add; searches may use no more of them, so all are told here.
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

  /** How many of these nodes no walk finds, not even after they were put in again by themselves. */
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
   * Proposals for each query, nearest first; fewer than `count` where the walk found no more.
   *
   * @param effort candidates that are looked at (ef), if these are more than `count`
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
