import { compile, type Filter } from "@arrwdb/protocol/filter/filter";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { CapturedFields } from "../../metadata-index/captured-fields.ts";
import { RowSet } from "../../metadata-index/row-set.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";
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
  readonly chunks: Pick<ChunksTable, "record" | "vector" | "vectors">;
  readonly library: number;
}

/** The rows of chunks that pass the filter and satisfy the restriction. */
export function* matchingRows(options: MatchingOptions): Steps<RowSet> {
  const { captured, restriction, excluded } = options;
  const passing = yield* passingRows(options);
  for (const key of excluded) {
    const row = captured.rows.find(key);
    if (row !== undefined) passing.remove(row);
  }
  if (restriction === undefined) return passing;
  const matching = RowSet.none(captured.count);
  if ("scores" in restriction) yield* addScored(captured, restriction.scores, passing, matching);
  else yield* addNear(options, restriction, passing, matching);
  return matching;
}

function* passingRows({ captured, filter, chunks }: MatchingOptions): Steps<RowSet> {
  const { certain, uncertain, rows } = captured;
  if (uncertain.size === 0) return certain;
  const passes = compile(filter);
  let read = 0;
  for (const part of uncertain.parts()) {
    for (const row of part) {
      const record = chunks.record(rows.key(row));
      if (record !== undefined && passes(record)) certain.add(row);
      if (++read % verifiedAtOnce === 0) yield;
    }
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
  { captured: { rows, count }, chunks, library }: MatchingOptions,
  { vector, maxDistance }: Nearness,
  passing: RowSet,
  matching: RowSet,
): Steps<void> {
  const visit = (row: number, found: Float32Array) => {
    if (passing.has(row) && cosineDistance(vector, found) <= maxDistance) matching.add(row);
  };
  if (randomRead * passing.size < count) yield* visitSome(chunks, rows, passing, visit);
  else yield* visitAll(chunks, library, rows, visit);
}

type VisitRow = (row: number, vector: Float32Array) => void;

function* visitSome(
  chunks: MatchingOptions["chunks"],
  rows: CapturedFields["rows"],
  wanted: RowSet,
  visit: VisitRow,
): Steps<void> {
  let read = 0;
  for (const part of wanted.parts()) {
    for (const row of part) {
      const vector = chunks.vector(rows.key(row));
      if (vector !== undefined) visit(row, vector);
      if (++read % comparedAtOnce === 0) yield;
    }
  }
}

function* visitAll(
  chunks: MatchingOptions["chunks"],
  library: number,
  rows: CapturedFields["rows"],
  visit: VisitRow,
): Steps<void> {
  let read = 0;
  for (const { key, vector } of chunks.vectors(library)) {
    const row = rows.find(key);
    if (row !== undefined) visit(row, vector);
    if (++read % comparedAtOnce === 0) yield;
  }
}
