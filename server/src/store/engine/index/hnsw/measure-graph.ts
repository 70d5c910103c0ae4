import { encode } from "../../vectors/codes.ts";
import { joined, segmentRows } from "../../vectors/compare-codes.ts";
import type { CodeRows } from "../../vectors/code-rows.ts";
import { far, greatestEffort, near, wantedRecall } from "../measure/search-effort.ts";
import type { Graph, GraphVector } from "./graph.ts";
import type { Queries } from "../measure/measure-queries.ts";

/** Target for the overall recall: higher than what is promised for each kind of query, as the estimate has few samples. */
const aimedRecall = wantedRecall + 0.003;
const efforts = [40, 56, 80, 112, 160, 224, 320, 448, 640, 896, greatestEffort];
/** Components compared at a time: a millisecond or two. */
const sliceNumbers = 16 * 1024 * 1024;
/** Candidates examined per slice. */
const sliceCandidates = 2_000;
/** Number of nodes looked up individually, and the fraction of them that may be unreachable. */
const lookedFor = 2_048;
const lostPart = 0.001;
const lookedForAtOnce = 8;
/** Walks that fit into a slice. */
const walksAtOnce = (effort: number) => Math.max(1, Math.floor(sliceCandidates / effort));
/** Distances that differ by less are equal in single precision. */
const rounding = 1e-6;

interface MeasuredQuery {
  readonly vector: GraphVector;
  readonly code: Int8Array<ArrayBuffer>;
}

/** The true neighbours of a query. */
interface MeasureTask extends MeasuredQuery {
  readonly truth: readonly number[];
  readonly farthest: number;
}

export interface GraphMeasure {
  readonly near: number | null;
  readonly far: number | null;
  readonly recall: number;
  readonly queries: number;
}

/**
 * Measures how many candidates a walk has to examine to find nearly all of the nearest, for every kind of query. The
 * nearest are determined by codes, as the graph is built from codes. Yields between slices of about two milliseconds;
 * changes in the meantime are ignored.
 *
 * @param least minimum number of candidates
 */
export function* measureGraph(
  graph: Graph,
  rows: CodeRows,
  kinds: readonly Queries[],
  least: number,
): Generator<undefined, GraphMeasure> {
  const queries: MeasuredQuery[][] = [];
  for (const kind of kinds) {
    queries.push(kind.map((vector) => toQuery(graph, vector)));
    yield;
  }
  const nearTasks: (readonly MeasureTask[])[] = [];
  const farTasks: (readonly MeasureTask[])[] = [];
  for (const kind of queries) {
    const found = yield* nearestTo(rows, kind, far.neighbours);
    nearTasks.push(toTasks(kind, found, near.neighbours));
    farTasks.push(toTasks(kind, found, far.neighbours));
  }
  const few = yield* leastEffort(graph, rows, nearTasks, Math.max(least, near.count));
  const count = queries.reduce((sum, kind) => sum + kind.length, 0);
  if (few.effort === null) return { near: null, far: null, recall: few.recall, queries: count };
  const lost = yield* partNotFound(graph, rows, few.effort);
  if (lost > lostPart) return { near: null, far: null, recall: few.recall, queries: count };
  const many = yield* leastEffort(graph, rows, farTasks, Math.max(few.effort, far.neighbours));
  return { near: few.effort, far: many.effort, recall: few.recall, queries: count };
}

function toQuery({ shape }: Graph, vector: Float32Array<ArrayBuffer>): MeasuredQuery {
  const { bytes: code } = encode(vector);
  return { vector: shape.quantization === "i8" ? code : vector, code };
}

type NearVector = readonly { readonly key: number; readonly distance: number }[];

const toTasks = (
  kind: readonly MeasuredQuery[],
  found: readonly NearVector[],
  neighbours: number,
): readonly MeasureTask[] =>
  kind.map((query, place) => {
    const nearest = (found[place] ?? []).slice(0, neighbours);
    return { ...query, truth: nearest.map(({ key }) => key), farthest: nearest.at(-1)?.distance ?? 0 };
  });

/** Compares everything with these queries, some at a time. */
function* nearestTo(
  rows: CodeRows,
  queries: readonly MeasuredQuery[],
  count: number,
): Generator<undefined, readonly NearVector[]> {
  const found: NearVector[] = [];
  const dimension = queries[0]?.code.length ?? 1;
  const together = Math.max(1, Math.min(8, Math.floor(sliceNumbers / (segmentRows * dimension))));
  for (let from = 0; from < queries.length; from += together) {
    const part = queries.slice(from, from + together).map(({ code }) => code);
    found.push(...(yield* rows.searching(joined(part, dimension), count)));
  }
  return found;
}

/** The lowest effort that suffices for every kind of query; null if none does, with the best recall that was reached. */
function* leastEffort(
  graph: Graph,
  rows: CodeRows,
  kinds: readonly (readonly MeasureTask[])[],
  least: number,
): Generator<undefined, { readonly effort: number | null; readonly recall: number }> {
  let worst = 0;
  for (const effort of [least, ...efforts.filter((each) => each > least)]) {
    let sum = 0;
    worst = 1;
    for (const tasks of kinds) {
      const recall = yield* recallWith(graph, rows, tasks, effort);
      worst = Math.min(worst, recall);
      sum += recall;
      if (worst < wantedRecall) break;
    }
    if (worst >= wantedRecall && sum >= aimedRecall * kinds.length) return { effort, recall: worst };
  }
  return { effort: null, recall: worst };
}

function* recallWith(
  graph: Graph,
  rows: CodeRows,
  tasks: readonly MeasureTask[],
  effort: number,
): Generator<undefined, number> {
  const together = walksAtOnce(effort);
  let found = 0;
  let wanted = 0;
  for (let from = 0; from < tasks.length; from += together) {
    const part = tasks.slice(from, from + together);
    const walks = graph.search(
      part.map(({ vector }) => vector),
      effort,
      effort,
    );
    for (const [place, { truth, farthest }] of part.entries()) {
      // Chunks removed since the comparison do not count as missed.
      const right = truth.filter((key) => rows.has(key)).length;
      const walk = walks[place] ?? [];
      const keys = new Set(walk.map(({ key }) => key));
      const hits = truth.filter((key) => keys.has(key)).length;
      const asNear = walk.filter(({ distance }) => distance <= farthest + rounding).length;
      wanted += right;
      found += Math.min(right, Math.max(hits, graph.shape.quantization === "i8" ? asNear : 0));
    }
    yield;
  }
  return wanted === 0 ? 1 : found / wanted;
}

/** Looks up nodes individually, and re-adds those it does not find. Returns the fraction still not found. */
function* partNotFound(graph: Graph, rows: CodeRows, effort: number): Generator<undefined, number> {
  const keys = rows.keys();
  const step = Math.max(1, keys.length / lookedFor);
  const chosen = Array.from(
    { length: Math.min(keys.length, lookedFor) },
    (_each, place) => keys[Math.floor(place * step)],
  );
  const together = Math.min(lookedForAtOnce, walksAtOnce(effort));
  let lost = 0;
  for (let from = 0; from < chosen.length; from += together) {
    const part = chosen.slice(from, from + together).flatMap((key) => {
      const code = key === undefined ? undefined : rows.code(key)?.slice();
      return key === undefined || code === undefined ? [] : [{ key, code }];
    });
    lost += graph.countLost(part, effort);
    yield;
  }
  return lost / Math.max(1, chosen.length);
}
