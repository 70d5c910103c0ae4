import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import { becomes, type IndexDefinition, type IndexResources, type PlannedIndex } from "../index-definition.ts";
import { Graph, graphFormat } from "./graph.ts";
import { HnswIndex } from "./hnsw-index.ts";
import { loadGraph } from "./hnsw-snapshot.ts";
import type { GraphShape } from "./native-graph.ts";

type GraphSettings = Omit<Extract<IndexSettings, { type: "hnsw" }>, "type">;

/** Graph settings of a library whose index is `auto`. */
const automatic: GraphSettings = { m: 16, ef_construction: 128, ef: 40, quantization: "i8" };

export const hnswDefinition: IndexDefinition<"hnsw"> = {
  kind: "hnsw",
  plan({ library: { index, dimension }, size, ...resources }) {
    if (index.type === "hnsw") return planGraph(toShape(dimension, index), index.ef, resources);
    const isLarge = index.type === "auto" && size > resources.thresholds.flatLimit;
    return isLarge ? planGraph(toShape(dimension, automatic), automatic.ef, resources) : undefined;
  },
};

function planGraph(shape: GraphShape, effort: number, { source, files, thresholds }: IndexResources): PlannedIndex {
  const options = { source, slice: thresholds.slice, effort };
  return {
    kind: "hnsw",
    format: graphFormat(shape),
    create: () => new HnswIndex({ ...options, graph: new Graph(shape) }),
    *load(snapshot) {
      return new HnswIndex({ ...options, ...(yield* loadGraph(files, snapshot, shape)) });
    },
    tune(index) {
      if (index instanceof HnswIndex) index.tune(effort);
    },
    rebuildReason: (index) => (index instanceof HnswIndex ? index.rebuildReason(shape) : becomes(index, "hnsw")),
  };
}

const toShape = (dimension: number, { quantization, m, ef_construction }: GraphSettings): GraphShape => ({
  dimension,
  quantization,
  connectivity: m,
  expansionAdd: ef_construction,
});
