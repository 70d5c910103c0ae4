import { z } from "zod";
import { filter } from "../filter/filter.ts";

/** Which documents a write by filter is about. */
export const matchingFields = {
  metadata_filter: filter
    .nullable()
    .optional()
    .describe("A filter on the documents' own fields, as for events; without conditions, `confirm` is required"),
  confirm: z
    .literal("all", { error: 'must be "all"' })
    .optional()
    .describe("`all` confirms that every document is meant, for a filter without conditions"),
};
