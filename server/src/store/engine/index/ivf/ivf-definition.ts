import { becomes, type IndexDefinition, type PlannedIndex, type PlanRequest } from "../index-definition.ts";
import { IvfIndex, type IvfIndexOptions } from "./ivf-index.ts";
import { type ListPlan, planLists } from "./list-plan.ts";
import { reasonOf } from "../reason-of.ts";
import { ivfFormat, rowsSuffix } from "./ivf-snapshot.ts";

/** Vectors assigned to lists at a time, relative to those that a graph adds at a time. */
const sliceFactor = 16;

export const ivfDefinition: IndexDefinition<"ivf"> = {
  kind: "ivf",
  plan(request) {
    const { index } = request.library;
    if (index.type !== "ivf") return undefined;
    return planIvf(request, planLists(index.nlist, index.nprobe, request.size, request.thresholds));
  },
};

function planIvf({ library, source, files, thresholds, log }: PlanRequest, plan: ListPlan): PlannedIndex {
  const onStall = (error: unknown) =>
    log("warn", "an index could not write its files; retrying", {
      library: library.id,
      reason: reasonOf(error),
    });
  const options = (name: string): IvfIndexOptions => ({
    dimension: library.dimension,
    files,
    name,
    tailLimit: thresholds.tailLimit,
    slice: sliceFactor * thresholds.slice,
    onStall,
    plan,
  });
  return {
    kind: "ivf",
    format: ivfFormat(plan, library.dimension),
    create: (keys) => new IvfIndex({ ...options(files.newName(library.id)), training: { keys, source } }),
    load: (snapshot) => IvfIndex.load(options(snapshot.files[0]?.file.replace(rowsSuffix, "") ?? ""), snapshot),
    tune(index) {
      if (index instanceof IvfIndex) index.tune(plan);
    },
    rebuildReason: (index) => (index instanceof IvfIndex ? index.rebuildReason(plan) : becomes(index, "ivf")),
  };
}
