import { compile, type Filter } from "@arrwdb/protocol/filter/filter";
import type { FacetField } from "@arrwdb/protocol/search/facets";
import type { Steps } from "../../../../scheduling/steps.ts";
import { termOf, type Value } from "../../metadata-index/values/field-term.ts";
import { recordValues } from "../../metadata-index/values/record-values.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";
import type { SpaceVectors } from "../../rows/vectors-table.ts";
import { visitRecords } from "../../rows/visit-records.ts";
import { cosineDistance } from "../../vectors/cosine-distance.ts";
import type { Restriction } from "./matching-chunks.ts";
import { TopValues } from "./top-values.ts";

/** Maximum of values and of their characters counted in one pass; beyond that, several passes count a part of them each. */
const valuesAtOnce = 200_000;
const charactersAtOnce = 8 * 1024 * 1024;
const growth = 4;
/** Values compared per step. */
const addedAtOnce = 1_024;

export interface ReadCountsOptions {
  readonly chunks: Pick<ChunksTable, "records">;
  readonly vectors: Pick<SpaceVectors, "vector">;
  readonly library: number;
  readonly filter: Filter;
  readonly restriction: Restriction | undefined;
  /** Keys of chunks that are left out. */
  readonly excluded: ReadonlySet<number>;
  readonly fields: readonly FacetField[];
  /** For tests. */
  readonly mostValues?: number | undefined;
}

/** The most frequent values of a field, and the number of chunks without any. */
export interface ReadCounts {
  readonly top: TopValues;
  missing: number;
}

interface ValueChunks {
  count: number;
  /** One of the chunks. */
  readonly chunk: number;
}

/** The values of a field that were counted so far. */
interface FieldTally {
  readonly field: string;
  readonly counts: Map<Value, ValueChunks>;
  readonly result: ReadCounts;
}

/**
 * Counts values by reading every chunk, for fields that are too large for the metadata index. Memory is bounded: if there
 * are too many values, they are divided into parts by a hash, and each part is counted in a pass of its own.
 */
export function* countByReading(options: ReadCountsOptions): Steps<readonly ReadCounts[]> {
  for (let parts = 1; ; parts *= growth) {
    const results = options.fields.map(({ limit }) => ({ top: new TopValues(limit), missing: 0 }));
    let part = 0;
    while (part < parts && (yield* countPart(options, results, part, parts))) part++;
    if (part === parts) return results;
  }
}

/** Returns false if there are too many values. */
function* countPart(
  options: ReadCountsOptions,
  results: readonly ReadCounts[],
  part: number,
  parts: number,
): Steps<boolean> {
  const { chunks, vectors, library, filter, restriction, excluded, fields, mostValues = valuesAtOnce } = options;
  const passes = compile(filter);
  const room = { values: mostValues, characters: charactersAtOnce };
  const isCounted = (value: Value) => parts === 1 || partOf(value, parts) === part;
  const tallies = fields.flatMap(({ field }, place): FieldTally[] => {
    const result = results[place];
    return result === undefined ? [] : [{ field, counts: new Map(), result }];
  });
  const complete = yield* visitRecords(chunks, library, (key, record) => {
    if (excluded.has(key) || !passes(record) || !satisfies(key, restriction, vectors)) return true;
    for (const { field, counts, result } of tallies) {
      const values = recordValues(record, field);
      // Each pass sees every chunk.
      if (values.size === 0 && part === 0) result.missing++;
      for (const value of values) if (isCounted(value)) countOne(counts, value, key, room);
    }
    return room.values >= 0 && room.characters >= 0;
  });
  if (!complete) return false;
  for (const tally of tallies) yield* addAll(tally);
  return true;
}

function satisfies(key: number, restriction: Restriction | undefined, vectors: ReadCountsOptions["vectors"]): boolean {
  if (restriction === undefined) return true;
  if ("scores" in restriction) return restriction.scores.has(key);
  const vector = vectors.vector(key);
  return vector !== undefined && cosineDistance(restriction.vector, vector) <= restriction.maxDistance;
}

function countOne(
  counts: FieldTally["counts"],
  value: Value,
  chunk: number,
  room: { values: number; characters: number },
): void {
  const known = counts.get(value);
  if (known !== undefined) {
    known.count++;
    return;
  }
  counts.set(value, { count: 1, chunk });
  room.values--;
  if (typeof value === "string") room.characters -= value.length;
}

function* addAll({ counts, result: { top } }: FieldTally): Steps<void> {
  let added = 0;
  for (const [value, { count, chunk }] of counts) {
    if (count < top.bound) top.pass(count);
    else top.add({ term: termOf(value), value, count, chunk });
    if (++added % addedAtOnce === 0) yield;
  }
}

/** The part that a value belongs to: the same for equal ones. */
function partOf(value: Value, parts: number): number {
  let sum = 0;
  for (const byte of termOf(value)) sum = (31 * sum + byte) % 1_000_003;
  return sum % parts;
}
