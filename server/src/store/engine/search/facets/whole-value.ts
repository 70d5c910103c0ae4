import { compareTerms, maxTermBytes, termOf, type Value } from "../../metadata-index/values/field-term.ts";
import { recordValues } from "../../metadata-index/values/record-values.ts";
import type { VisitedValue } from "../../metadata-index/values/value-walk.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";

/** A value: that of a text of which the index has only the beginning is read from a chunk that has it. */
export function wholeValue(
  chunks: Pick<ChunksTable, "record">,
  field: string,
  { term, value }: VisitedValue,
  chunk: number,
): Value {
  if (value !== undefined) return value;
  const record = chunks.record(chunk);
  const values = record === undefined ? [] : [...recordValues(record, field)];
  const whole = values.find((one) => isSame(termOf(one), term));
  if (whole === undefined) throw new Error(`Chunk ${chunk} does not have the value of ${field} that it is listed for`);
  return whole;
}

const isSame = (a: Uint8Array, b: Uint8Array) => compareTerms(a, 0, a.length, b, 0, b.length, maxTermBytes) === 0;
