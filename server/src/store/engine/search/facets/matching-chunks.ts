import { compile, type Filter } from "@arrwdb/protocol/filter/filter";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { CapturedFields } from "../../metadata-index/captured-fields.ts";
import { RowSet } from "../../metadata-index/rows/row-set.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";
import type { SpaceVectors } from "../../rows/vectors-table.ts";
import type { Scores } from "../../text/text-scores.ts";
import { cosineDistance } from "../../vectors/cosine-distance.ts";

/** Vectors compared per step. */
const comparedAtOnce = 256;
/** Reading one vector costs as much as so many in sequence. */
const randomRead = 4;

/** Records verified per step. */
const verifiedAtOnce = 64;

/** What chunks have to satisfy besides the filter. */
export type Restriction =
  /** They contain one of the words of a query. */
  | { readonly scores: Scores }
  /** They lie within a distance of a query. */
  | Nearness;

interface Nearness {
  readonly vector: Float32Array;
  readonly maxDistance: number;
}

export interface MatchingOptions {
  readonly captured: CapturedFields;
  readonly filter: Filter;
  readonly restriction: Restriction | undefined;
  /** Keys of chunks that are left out. */
  readonly excluded: ReadonlySet<number>;
  readonly chunks: Pick<ChunksTable, "record">;
  readonly vectors: SpaceVectors;
  readonly library: number;
}

/** The rows of chunks that pass the filter and satisfy the restriction. */
export function* matchingRows(options: MatchingOptions): Steps<RowSet> {
  const { captured, restriction, excluded } = options;
  const passing = yield* passingRows(captured, options.filter, options.chunks, excluded);
  if (restriction === undefined) return passing;
  const matching = RowSet.none(captured.count);
  if ("scores" in restriction) yield* addScored(captured, restriction.scores, passing, matching);
  else yield* addNear(options, restriction, passing, matching);
  return matching;
}

/** The rows of chunks that pass the filter, but for those left out: those that are not certain to are verified. */
export function* passingRows(
  { certain, uncertain, rows }: CapturedFields,
  filter: Filter,
  chunks: Pick<ChunksTable, "record">,
  excluded: ReadonlySet<number>,
): Steps<RowSet> {
  const passes = compile(filter);
  let read = 0;
  for (const part of uncertain.parts()) {
    for (const row of part) {
      const record = chunks.record(rows.key(row));
      if (record !== undefined && passes(record)) certain.add(row);
      if (++read % verifiedAtOnce === 0) yield;
    }
  }
  for (const key of excluded) {
    const row = rows.find(key);
    if (row !== undefined) certain.remove(row);
  }
  return certain;
}

function* addScored({ rows }: CapturedFields, scores: Scores, passing: RowSet, matching: RowSet): Steps<void> {
  for (const keys of scores.keys()) {
    for (const key of keys) {
      const row = rows.find(key);
      if (row !== undefined && passing.has(row)) matching.add(row);
    }
    yield;
  }
}

function* addNear(
  { captured: { rows, count }, vectors, library }: MatchingOptions,
  { vector, maxDistance }: Nearness,
  passing: RowSet,
  matching: RowSet,
): Steps<void> {
  yield* visitVectors({ rows, count, passing, vectors, library }, (row, found) => {
    if (cosineDistance(vector, found) <= maxDistance) matching.add(row);
  });
}

type VisitRow = (row: number, vector: Float32Array) => void;

export interface VectorVisit extends Pick<CapturedFields, "rows" | "count"> {
  readonly passing: RowSet;
  readonly vectors: SpaceVectors;
  readonly library: number;
}

/** Visits the vectors of all rows that pass: one by one if they are few, or else among all of the library. */
export function* visitVectors({ rows, count, passing, vectors, library }: VectorVisit, visit: VisitRow): Steps<void> {
  if (randomRead * passing.size < count) yield* visitSome(vectors, rows, passing, visit);
  else yield* visitAll(vectors, library, rows, (row, vector) => passing.has(row) && visit(row, vector));
}

function* visitSome(vectors: SpaceVectors, rows: CapturedFields["rows"], wanted: RowSet, visit: VisitRow): Steps<void> {
  let read = 0;
  for (const part of wanted.parts()) {
    for (const row of part) {
      const vector = vectors.vector(rows.key(row));
      if (vector !== undefined) visit(row, vector);
      if (++read % comparedAtOnce === 0) yield;
    }
  }
}

function* visitAll(vectors: SpaceVectors, library: number, rows: CapturedFields["rows"], visit: VisitRow): Steps<void> {
  let read = 0;
  for (const { key, vector } of vectors.vectors(library)) {
    const row = rows.find(key);
    if (row !== undefined) visit(row, vector);
    if (++read % comparedAtOnce === 0) yield;
  }
}
