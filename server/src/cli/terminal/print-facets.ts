import type { Facet, FieldValue } from "@arrwdb/protocol/search/facets";
import { plain, style } from "./terminal-output.ts";
import { counted } from "./units.ts";

const widthOfCount = 7;

/** The counts of a field's values: a heading, a line for each value listed, and what is not listed. */
export function facetLines(field: string, { values, missing, others }: Facet): string {
  const rest = [
    ...(others > 0 ? [`${others} with other values`] : []),
    ...(missing > 0 ? [`${counted(missing, "chunk")} without`] : []),
  ];
  return [
    style("bold", plain(field)),
    ...values.map(({ value, count }) => `${String(count).padStart(widthOfCount)}  ${plain(String(value))}`),
    ...(rest.length > 0 ? [style("dim", `${" ".repeat(widthOfCount + 2)}${rest.join(", ")}`)] : []),
  ].join("\n");
}

/** The heading of a group of hits. */
export const groupLine = (value: FieldValue | null): string =>
  style("bold", value === null ? "(no value)" : plain(String(value)));
