import { type FieldValue, type Filter, stringifyJson } from "arrwdb-client";

/** A value of a facet that was chosen; null stands for chunks without one. */
export interface FacetChoice {
  readonly field: string;
  readonly value: FieldValue | null;
}

const isSame = (one: FacetChoice, other: FacetChoice) =>
  one.field === other.field && stringifyJson(one.value) === stringifyJson(other.value);

export const isChosen = (choices: readonly FacetChoice[], choice: FacetChoice): boolean =>
  choices.some((one) => isSame(one, choice));

/** Chooses a value, or no longer. */
export const toggled = (choices: readonly FacetChoice[], choice: FacetChoice): readonly FacetChoice[] =>
  isChosen(choices, choice) ? choices.filter((one) => !isSame(one, choice)) : [...choices, choice];

/** The filter and the choices together: any of the values chosen of a field, for each field. */
export function narrowed(filter: Filter | undefined, choices: readonly FacetChoice[]): Filter | undefined {
  const fields = Map.groupBy(choices, ({ field }) => field);
  const conditions: Filter[] = [...fields].map(([field, chosen]) => ({
    [field === "document_id" ? "source_document_id" : field]: { $in: chosen.map(({ value }) => value) },
  }));
  if (filter !== undefined) conditions.unshift(filter);
  return conditions.length < 2 ? conditions[0] : { $and: conditions };
}

/** A value as text; quoted where it would look like another value. */
export function valueText(value: FieldValue | null): string {
  if (value === null) return "without a value";
  if (typeof value !== "string") return String(value);
  const isAmbiguous = /^(true|false|null|".*)$/s.test(value) || Number.isFinite(Number(value));
  return isAmbiguous ? stringifyJson(value) : value;
}
