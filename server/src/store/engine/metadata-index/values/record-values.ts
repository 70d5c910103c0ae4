import { fieldOf, type FilterRecord, isList, type Reached, Several } from "@arrwdb/protocol/filter/field-values";
import { canonical } from "@arrwdb/protocol/documents/numbers";
import type { Value } from "./field-term.ts";

const isValue = (value: Reached): value is Value => value !== undefined && value !== null && typeof value !== "object";

/** The values that a record has in a field: each different element of an array once. Null, objects and lists are none. */
export function recordValues(record: FilterRecord, field: string): ReadonlySet<Value> {
  const reached = fieldOf(record, field);
  const values = reached instanceof Several ? [...reached.values] : [reached];
  const elements = values.flatMap((value): readonly Reached[] => (isList(value) ? value : [value]));
  return new Set(elements.filter(isValue).map(canonical));
}
