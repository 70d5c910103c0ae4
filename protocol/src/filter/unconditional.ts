import type { Filter } from "./filter.ts";
import { type FilterTree, parseFilter } from "./filter-tree.ts";

/** Whether a filter passes everything, whatever the fields are: it, or a part that decides, is empty. */
export const isUnconditional = (filter: Filter): boolean => outcome(parseFilter(filter)) === true;

/** What a filter always results in; undefined if that depends on fields. */
function outcome(tree: FilterTree): boolean | undefined {
  switch (tree.kind) {
    case "field":
      return undefined;
    case "not": {
      const part = outcome(tree.part);
      return part === undefined ? undefined : !part;
    }
    case "all":
      return decided(tree.parts, false);
    case "any":
      return decided(tree.parts, true);
  }
}

/** The deciding outcome if a part has it, the other one if all parts have that. */
function decided(parts: readonly FilterTree[], deciding: boolean): boolean | undefined {
  const outcomes = new Set(parts.map(outcome));
  if (outcomes.has(deciding)) return deciding;
  return outcomes.has(undefined) ? undefined : !deciding;
}
