import type { Steps } from "../../../../scheduling/steps.ts";
import { Effort } from "../measure/search-effort.ts";
import type { SnapshotFiles } from "../snapshot-files.ts";
import type { VectorSource } from "../vector-index.ts";
import { Lists } from "./inverted-lists.ts";
import { rowsSuffix, type TrainedLists } from "./ivf-snapshot.ts";
import { blockRowsFor } from "./list-plan.ts";
import { RowFile } from "./row-file.ts";
import { seeded, takeSample } from "./training-sample.ts";
import { train } from "./training.ts";

/** Training vectors per list: more than the minimum of 39 that FAISS recommends, fewer than the 256 that it uses at most. */
const sampleRows = 64;
const seed = 1;

export interface TrainingVectors {
  /** Keys of the vectors that will be added first. */
  readonly keys: readonly number[];
  readonly source: VectorSource;
}

export interface ListsToTrain extends TrainingVectors {
  readonly dimension: number;
  readonly files: SnapshotFiles;
  /** Prefix of its file names. */
  readonly name: string;
  readonly lists: number;
}

/** Creates empty lists around centroids of a sample, in steps; undefined if there are no vectors to train with. */
export function* trainLists(options: ListsToTrain): Steps<TrainedLists | undefined> {
  const { keys, source, dimension, files, name } = options;
  const random = seeded(seed);
  const file = new RowFile(files.path(`${name}.sample`), dimension);
  try {
    const sample = yield* takeSample({ keys, wanted: options.lists * sampleRows, source, file, random });
    if (sample.size === 0) return undefined;
    const { centroids, parts, probes } = yield* train(sample, options.lists, dimension, random);
    const rows = new RowFile(files.path(`${name}${rowsSuffix}`), dimension);
    const blockRows = blockRowsFor(keys.length, centroids.count);
    const lists = new Lists({ file: rows, dimension, count: centroids.count, blockRows });
    for (const [list, part] of parts.entries()) lists.reserve(list, part * keys.length);
    const found = { ...probes, nodes: sample.size, chunks: keys.length, at: Date.now() };
    return { centroids, lists, rows, effort: new Effort(1, found, centroids.count) };
  } finally {
    file.remove();
  }
}
