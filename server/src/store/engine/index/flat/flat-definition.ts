import { becomes, type IndexDefinition, type PlannedIndex, type PlanRequest } from "../index-definition.ts";
import type { VectorIndex } from "../vector-index.ts";
import { FlatIndex } from "./flat-index.ts";

export const flatDefinition: IndexDefinition<"flat"> = {
  kind: "flat",
  plan(request) {
    const { library, size, thresholds } = request;
    const isSmall = library.index.type === "auto" && size <= thresholds.flatLimit;
    return library.index.type === "flat" || isSmall ? planFlat(request) : undefined;
  },
};

function planFlat({ library, thresholds }: PlanRequest): PlannedIndex {
  // Hysteresis: a library whose size varies around the limit is not rebuilt again and again.
  const keepsGraph = (index: VectorIndex) =>
    library.index.type === "auto" && index.kind === "hnsw" && index.size > thresholds.flatLimit / 2;
  return {
    kind: "flat",
    format: undefined,
    create: (keys) => new FlatIndex(library.dimension, Math.max(1, keys.length)),
    load() {
      throw new Error("a flat index is not saved");
    },
    tune: () => undefined,
    rebuildReason: (index) => (index.kind === "flat" || keepsGraph(index) ? undefined : becomes(index, "flat")),
  };
}
