import type { Library } from "@arrwdb/protocol/model";
import type { Log } from "../threads/thread-messages.ts";
import { FlatIndex } from "./flat/flat-index.ts";
import { Graph, graphFormat } from "./hnsw/graph.ts";
import { HnswIndex } from "./hnsw/hnsw-index.ts";
import type { IndexPlan, IndexThresholds } from "./index-settings.ts";
import { IvfIndex, ivfFormat, type IvfIndexOptions } from "./ivf/ivf-index.ts";
import { rowsSuffix } from "./ivf/ivf-snapshot.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import type { Snapshot } from "./snapshots-table.ts";
import type { VectorIndex, VectorSource } from "./vector-index.ts";
import type { Steps } from "../../../scheduling/steps.ts";

/** An IVF index compares many vectors with its lists at a time where a graph takes one. */
const ivfSlices = 16;

/** Makes and loads the indexes of one library, whatever their kind. */
export class IndexMaker {
  readonly #library: Library;
  readonly #source: VectorSource;
  readonly #files: SnapshotFiles;
  readonly #thresholds: IndexThresholds;
  readonly #log: Log;

  constructor(library: Library, source: VectorSource, files: SnapshotFiles, thresholds: IndexThresholds, log: Log) {
    this.#library = library;
    this.#source = source;
    this.#files = files;
    this.#thresholds = thresholds;
    this.#log = log;
  }

  /** An empty index. @param keys of the vectors that will be added to it first */
  create(plan: IndexPlan, keys: readonly number[]): VectorIndex {
    const { dimension, id } = this.#library;
    switch (plan.kind) {
      case "flat":
        return new FlatIndex(dimension, Math.max(1, keys.length));
      case "hnsw":
        return new HnswIndex(new Graph(plan.shape), this.#source, this.#thresholds.slice, plan.effort);
      case "ivf":
        return new IvfIndex(this.#site(this.#files.newName(id)), plan, keys, this.#source);
    }
  }

  /** What a saved index has to say of itself to be one of these; undefined where none is saved. */
  format(plan: IndexPlan): string | undefined {
    switch (plan.kind) {
      case "flat":
        return undefined;
      case "hnsw":
        return graphFormat(plan.shape);
      case "ivf":
        return ivfFormat(plan, this.#library.dimension);
    }
  }

  /** @throws where it is not what was saved */
  *load(plan: IndexPlan, snapshot: Snapshot): Steps<VectorIndex> {
    switch (plan.kind) {
      case "flat":
        throw new Error("it should be flat now");
      case "hnsw":
        return yield* HnswIndex.load(
          this.#files,
          snapshot,
          plan.shape,
          this.#source,
          this.#thresholds.slice,
          plan.effort,
        );
      case "ivf":
        return yield* IvfIndex.load(this.#site(snapshot.files[0]?.file.replace(rowsSuffix, "") ?? ""), plan, snapshot);
    }
  }

  #site(name: string): IvfIndexOptions {
    const { tailLimit, slice } = this.#thresholds;
    const onStall = (error: unknown) =>
      this.#log("warn", "an index could not write its files; retrying", {
        library: this.#library.id,
        reason: error instanceof Error ? error.message : String(error),
      });
    return {
      dimension: this.#library.dimension,
      files: this.#files,
      name,
      tailLimit,
      slice: ivfSlices * slice,
      onStall,
    };
  }
}
