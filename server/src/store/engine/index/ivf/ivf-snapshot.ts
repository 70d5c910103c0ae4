import * as z from "zod";
import type { Steps } from "../../../../scheduling/steps.ts";
import { bytesOf, readFile, writeFile } from "../../vectors/binary-file.ts";
import type { Snapshot } from "../snapshots-table.ts";
import type { SnapshotFiles } from "../snapshot-files.ts";
import { Effort, measurement } from "../measure/search-effort.ts";
import { Centroids } from "./centroids.ts";
import { Lists } from "./inverted-lists.ts";
import type { ListPlan } from "./list-plan.ts";
import { RowFile } from "./row-file.ts";

/** The lists and what is needed to search them. */
export interface TrainedLists {
  readonly centroids: Centroids;
  readonly lists: Lists;
  readonly rows: RowFile;
  /** Measured number of lists to probe. */
  readonly effort: Effort;
}

/** Other saved state of an index. */
export interface ListFigures {
  /** Maximum angle between a vector and its code. */
  readonly widest: number;
  /** Number of vectors that the lists were made for, and number added in all. */
  readonly trainedFor: number;
  readonly added: number;
}

const count = z.int().min(0);
const details = z.object({
  lists: count,
  blockRows: count,
  measured: measurement,
  peak: count,
  widest: z.number(),
  trainedFor: count,
  added: count,
});

/** Suffix of the file that stores the in-memory state. */
const contentSuffix = ".lists";
export const rowsSuffix = ".ivf";

export const ivfFormat = ({ nlist }: ListPlan, dimension: number): string => `ivf-3 ${dimension} ${nlist ?? "auto"}`;

interface SavedLists {
  /** Prefix of the file names. */
  readonly name: string;
  readonly format: string;
  readonly trained: TrainedLists;
  readonly figures: ListFigures;
}

/** Writes the in-memory state, including the checksums of the codes; the codes themselves are already in their file. */
export function* saveLists(
  files: SnapshotFiles,
  { name, format, trained: { centroids, lists, rows, effort }, figures }: SavedLists,
): Steps<Snapshot> {
  const content = lists.content();
  const { blocks, keys, peak } = content;
  rows.sync();
  function* parts() {
    yield bytesOf(Uint32Array.from(blocks, (own) => own.length));
    yield bytesOf(Uint32Array.from(keys.keys(), (list) => lists.sizeOf(list)));
    for (const own of blocks) yield bytesOf(Uint32Array.from(own));
    for (const own of keys) yield bytesOf(Float64Array.from(own));
    yield centroids.codes;
    yield bytesOf(rows.checksums());
  }
  const saved = yield* files.save(`${name}${contentSuffix}`, (path) => writeFile(path, parts()));
  const codes = { file: `${name}${rowsSuffix}`, size: rows.bytes, checksum: null };
  const measured = effort.measured;
  const own = { lists: lists.count, blockRows: lists.blockRows, measured, peak, ...figures };
  return { format, size: lists.size, details: JSON.stringify(own), files: [codes, saved] };
}

/** Reads them in steps. @throws if they are not what was saved */
export function* loadLists(
  files: SnapshotFiles,
  snapshot: Snapshot,
  dimension: number,
): Steps<TrainedLists & { readonly figures: ListFigures }> {
  const [codes, content] = snapshot.files;
  if (codes === undefined || content === undefined) throw new Error("its files are not listed");
  const { lists: number, blockRows, measured, peak, ...figures } = details.parse(JSON.parse(snapshot.details));
  const rows = new RowFile(files.path(codes.file), dimension, true);
  const lists = new Lists({ file: rows, dimension, count: number, blockRows });
  const centroids = yield* readFile(files.path(content.file), function* (fill): Steps<Centroids> {
    const blockCounts = filled(fill, new Uint32Array(number));
    yield;
    const sizes = filled(fill, new Uint32Array(number));
    const blocks = Array.from(blockCounts, (length) => Array.from(filled(fill, new Uint32Array(length))));
    const keys = Array.from(sizes, (length) => filled(fill, new Float64Array(length)));
    yield;
    lists.restore({ blocks, keys, peak });
    yield;
    const own = new Int8Array(number * dimension);
    fill(own);
    rows.restore(filled(fill, new Uint32Array(codes.size / dimension)));
    return new Centroids(own, dimension);
  });
  if (lists.size !== snapshot.size) throw new Error(`it holds ${lists.size} vectors instead of ${snapshot.size}`);
  return { centroids, lists, rows, effort: new Effort(1, measured, number), figures };
}

function filled<Values extends Uint32Array | Float64Array>(fill: (bytes: Uint8Array) => void, values: Values): Values {
  fill(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return values;
}
