import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";

/**
 * The native part of usearch, bypassing its JavaScript wrapper: that converts every vector to float32, and the library's
 * own conversion of those to bytes uses a twentieth of their range. Our codes, scaled per vector, keep ten times the
 * precision at the same speed.
 */
export interface NativeGraph {
  /** @param threads maximum concurrent additions; once room is reserved, also of searches */
  add(keys: BigUint64Array, vectors: Int8Array | Float32Array, threads: number): void;
  /** Per query `count` slots, of which the first `counts[query]` are filled. Throws for more threads than were reserved. */
  search(vectors: Int8Array | Float32Array, count: number, threads: number): NativeMatches;
  remove(keys: BigUint64Array): unknown;
  size(): number;
  capacity(): number;
  save(path: string): void;
  load(path: string): void;
}

type NativeMatches = readonly [keys: BigUint64Array, distances: Float32Array, counts: BigUint64Array];

interface Native {
  readonly CompiledIndex: new (
    dimension: number,
    metric: "cos",
    quantization: "i8" | "f16" | "f32",
    connectivity: number,
    expansionAdd: number,
    expansionSearch: number,
    multi: boolean,
  ) => NativeGraph;
}

export interface GraphShape {
  readonly dimension: number;
  readonly quantization: "i8" | "f16" | "f32";
  /** Neighbours per node; twice as many on the lowest level. */
  readonly connectivity: number;
  /** Candidates examined when a node is added. */
  readonly expansionAdd: number;
}

/** Minimum number of candidates that a search examines, if it asks for fewer. */
const expansionSearch = 1;

export function createNativeGraph(shape: GraphShape): NativeGraph {
  const { dimension, quantization, connectivity, expansionAdd } = shape;
  return new native.CompiledIndex(dimension, "cos", quantization, connectivity, expansionAdd, expansionSearch, false);
}

const native = load();

function load(): Native {
  const require = createRequire(import.meta.url);
  const build: unknown = require("node-gyp-build");
  if (typeof build !== "function") throw new Error("node-gyp-build is not what it was");
  // The package only exports its wrapper; the native module is three directories deep.
  const found: unknown = build(resolve(dirname(require.resolve("usearch")), "../../.."));
  if (!isNative(found)) throw new Error("usearch is not what it was; install the version of the lockfile");
  return found;
}

function isNative(value: unknown): value is Native {
  return (
    typeof value === "object" && value !== null && "CompiledIndex" in value && typeof value.CompiledIndex === "function"
  );
}
