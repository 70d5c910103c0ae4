import { fieldOf, type FilterRecord, isList, Several } from "@arrwdb/protocol/filter/field-values";
import type { MetadataScalar, MetadataValue } from "@arrwdb/protocol/documents/metadata";
import { canonical, compareScalars } from "@arrwdb/protocol/documents/numbers";

/** The order of a list of documents by a field; those with equal values are in insertion order. */
export interface DocumentSort {
  /** As in filters. */
  readonly field: string;
  readonly descending: boolean;
}

export type SortValue = Exclude<MetadataScalar, null>;

/** Characters of a text by which it is sorted, so that a cursor can hold them. */
export const sortedCharacters = 256;

/** Below 0 if `a` comes first, ascending: booleans, then numbers by their exact values, then texts by code units. */
export function compareSortValues(a: SortValue, b: SortValue): number {
  return rankOf(a) - rankOf(b) || compareScalars(comparable(a), comparable(b));
}

function rankOf(value: SortValue): number {
  if (typeof value === "boolean") return 0;
  return typeof value === "string" ? 2 : 1;
}

const comparable = (value: SortValue) => (typeof value === "boolean" ? Number(value) : value);

const isSortable = (value: MetadataValue | undefined): value is SortValue =>
  value !== undefined && value !== null && typeof value !== "object";

/**
 * What a document is sorted by: of a list, or of several values that a path leads to, the first in this order; undefined if
 * there is none.
 */
export function sortValue(record: FilterRecord, { field, descending }: DocumentSort): SortValue | undefined {
  const reached = fieldOf(record, field);
  const values = (reached instanceof Several ? [...reached.values] : [reached])
    .flatMap((value): readonly (MetadataValue | undefined)[] => (isList(value) ? value : [value]))
    .filter(isSortable)
    .map(sortForm);
  return values.reduce<SortValue | undefined>((first, value) => {
    if (first === undefined) return value;
    const order = compareSortValues(value, first);
    return (descending ? order > 0 : order < 0) ? value : first;
  }, undefined);
}

function sortForm(value: SortValue): SortValue {
  const exact = canonical(value);
  return typeof exact === "string" ? exact.slice(0, sortedCharacters) : exact;
}

/** A document with its place in a list. */
export interface SortedDocument {
  readonly key: number;
  readonly value: SortValue | undefined;
}

/** Orders a list: by value, missing ones last, then by key. */
export function documentOrder(sort: DocumentSort | undefined): (a: SortedDocument, b: SortedDocument) => number {
  const direction = sort?.descending === true ? -1 : 1;
  return (a, b) => {
    if (a.value === undefined || b.value === undefined) {
      return Number(a.value === undefined) - Number(b.value === undefined) || a.key - b.key;
    }
    return direction * compareSortValues(a.value, b.value) || a.key - b.key;
  };
}
