import { seededRandom } from "../../test/support/data/vectors.ts";
import { type FilterField, filterFields } from "./dataset.ts";

/** Only chunks whose field has this value count. */
export interface SearchFilter {
  readonly field: FilterField;
  readonly value: number;
}

/** One search of a load: which of the prepared queries, and with which filter. */
export interface SearchRequest {
  readonly query: number;
  readonly filter?: SearchFilter;
}

/** Every query in turn; with a field, each time with another of its values, so that no answer can be of use again. */
export function planRequests(
  count: number,
  queries: number,
  field: FilterField | undefined,
  seed: number,
): readonly SearchRequest[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const query = index % queries;
    if (field === undefined) return { query };
    return { query, filter: { field, value: Math.floor(random() * filterFields[field]) } };
  });
}
