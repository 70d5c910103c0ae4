import type { Filter } from "arrwdb-client";
import { exactNumber, parseExactly } from "@arrwdb/protocol/json/exact-json";
import { FilterFault, parseFilter } from "@arrwdb/protocol/filter/filter-tree";
import { fieldPath } from "@arrwdb/protocol/errors/field-path";

export const rowOperators = ["=", "≠", ">", "≥", "<", "≤", "contains", "one of", "exists"] as const;
export type RowOperator = (typeof rowOperators)[number];

/** One condition of the form. */
export interface FilterRow {
  readonly key: number;
  readonly field: string;
  readonly operator: RowOperator;
  readonly value: string;
}

export type CheckedFilter = { readonly filter: Filter | undefined } | { readonly fault: string };

const wireOperators: Readonly<Record<RowOperator, string>> = {
  "=": "$eq",
  "≠": "$ne",
  ">": "$gt",
  "≥": "$gte",
  "<": "$lt",
  "≤": "$lte",
  contains: "$contains",
  "one of": "$in",
  exists: "$exists",
};

/** The typed value: a number, true, false or null if it parses as one, and otherwise the text. */
function valueOf(text: string): string | number | bigint | boolean | null {
  const trimmed = text.trim();
  if (trimmed === "true" || trimmed === "false") return trimmed === "true";
  if (trimmed === "null") return null;
  const quoted = /^"(.*)"$/s.exec(trimmed)?.[1];
  if (quoted !== undefined) return quoted;
  const number = exactNumber(trimmed);
  return trimmed !== "" && Number.isFinite(Number(trimmed)) ? number : trimmed;
}

function operandOf({ operator, value }: FilterRow): unknown {
  if (operator === "exists") return valueOf(value) !== false;
  return operator === "one of" ? value.split(",").map(valueOf) : valueOf(value);
}

/** All conditions have to hold. Rows without a field are not filled in yet. */
export function filterOfRows(rows: readonly FilterRow[]): CheckedFilter {
  const conditions = rows
    .filter(({ field }) => field.trim() !== "")
    .map((row) => ({ [row.field.trim()]: { [wireOperators[row.operator]]: operandOf(row) } }));
  if (conditions.length === 0) return { filter: undefined };
  return check(conditions.length === 1 ? conditions[0] : { $and: conditions });
}

export function filterOfText(text: string): CheckedFilter {
  if (text.trim() === "") return { filter: undefined };
  try {
    return check(parseExactly(text));
  } catch (error) {
    return { fault: `Invalid JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The protocol's own validation, so that the server accepts what passes here. */
function check(value: Filter | null | undefined): CheckedFilter {
  try {
    parseFilter(value);
    return { filter: value ?? undefined };
  } catch (error) {
    if (!(error instanceof FilterFault)) throw error;
    const field = fieldPath(error.path);
    return { fault: field === "" ? `The filter ${error.message}` : `${field}: ${error.message}` };
  }
}
