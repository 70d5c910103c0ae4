import * as z from "zod";
import type { Steps } from "../../../../scheduling/steps.ts";
import { type Measurement, measurement } from "../measure/search-effort.ts";
import type { SnapshotFiles } from "../snapshot-files.ts";
import type { Snapshot } from "../snapshots-table.ts";
import { groupedNumbers, readCodes, writeCodes } from "./code-file.ts";
import type { CodeGroups } from "./code-groups.ts";
import { Graph, graphFormat } from "./graph.ts";
import type { GraphShape } from "./native-graph.ts";

/** Keys read per step. */
const keysAtOnce = 16_384;

const details = z.object({
  widest: z.number(),
  rows: z.int().min(0),
  grouped: z.int().min(0),
  measured: measurement.nullable(),
});

/** What is saved: a graph, the codes of its chunks, and its measurement. */
export interface SavedGraph {
  readonly graph: Graph;
  /** Codes of the chunks in the graph. */
  readonly codes: CodeGroups;
  /** Maximum angle between a vector and its code. */
  readonly widest: number;
  readonly measured: Measurement | undefined;
}

/** A graph that was loaded. */
export interface LoadedGraph extends SavedGraph {
  /** Greatest key. */
  readonly last: number;
}

/** Saves a snapshot of the graph and its codes, taken in the first step. */
export function* saveGraph(
  files: SnapshotFiles,
  name: string,
  { graph, codes, widest, measured }: SavedGraph,
): Steps<Snapshot> {
  const { size } = codes;
  const known = { widest, rows: codes.rows.size, grouped: groupedNumbers(codes), measured: measured ?? null };
  // The graph is written in the first step, by one native call; the codes are a snapshot of the same moment.
  const frozen = codes.freeze();
  try {
    const nodes = yield* files.save(`${name}.usearch`, (path) => graph.save(path));
    const rows = yield* files.save(`${name}.codes`, (path) => writeCodes(path, frozen));
    return { format: graphFormat(graph.shape), size, details: JSON.stringify(known), files: [nodes, rows] };
  } finally {
    frozen.end();
  }
}

/** @throws if the files are not what was saved */
export function* loadGraph(
  files: SnapshotFiles,
  { files: saved, size, details: known }: Snapshot,
  shape: GraphShape,
): Steps<LoadedGraph> {
  const [nodes, rows] = saved;
  if (nodes === undefined || rows === undefined) throw new Error("its files are not listed");
  const { widest, measured, ...counts } = details.parse(JSON.parse(known));
  const graph = new Graph(shape);
  // A single native call, which takes most of a millisecond per 1,000 nodes.
  graph.load(files.path(nodes.file));
  yield;
  if (graph.size !== counts.rows) throw new Error(`it holds ${graph.size} nodes instead of ${counts.rows}`);
  const codes = yield* readCodes(files.path(rows.file), shape.dimension, counts);
  if (codes.size !== size) throw new Error(`it holds ${codes.size} vectors instead of ${size}`);
  let last = 0;
  let read = 0;
  for (const key of codes.keys()) {
    last = Math.max(last, key);
    if (++read % keysAtOnce === 0) yield;
  }
  return { graph, codes, widest, measured: measured ?? undefined, last };
}
