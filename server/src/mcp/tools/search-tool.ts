import { limits } from "@arrwdb/protocol/limits";
import { countedField } from "@arrwdb/protocol/search/facets";
import { searchRequest } from "@arrwdb/protocol/search/search";
import { documentId } from "@arrwdb/protocol/text";
import { z } from "zod";
import { filter, hit, library } from "../tool-arguments.ts";
import { findLibrary } from "../find-library.ts";
import { facetText, hitText, shownHits } from "../hits-as-text.ts";
import type { Tool } from "../mcp-tool.ts";

const input = z.strictObject({
  library,
  query: z
    .string()
    .min(1, "must not be empty")
    .max(limits.queryText, `must be at most ${limits.queryText} characters`)
    .optional()
    .describe("What to look for, in plain words or as a question. Required unless `like` is given."),
  like: documentId
    .optional()
    .describe("The id of a document: finds passages of other documents with a similar meaning, instead of a `query`."),
  k: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(50, "must be at most 50")
    .default(5)
    .describe("The maximum number of passages to return."),
  filter,
  mode: searchRequest.shape.mode.describe(
    "By meaning (vector), by keywords (text), which finds names and codes, or both (hybrid).",
  ),
  max_distance: z
    .number()
    .min(0, "must be from 0 to 2")
    .max(2, "must be from 0 to 2")
    .optional()
    .describe("Excludes passages with a greater cosine distance; 0 is identical in meaning, 1 unrelated."),
  facets: z
    .array(countedField)
    .max(limits.facetFields, `must be at most ${limits.facetFields} fields`)
    .optional()
    .describe(
      "Fields whose values to count among all matching passages, such as author; the answer has the most frequent.",
    ),
});

const output = z.object({
  library_id: z.string(),
  /** The position of the searched state; `watch` accepts it as `after`. */
  position: z.int(),
  hits: z.array(hit),
  /** By field. */
  facets: z.record(z.string(), z.unknown()).optional(),
});

export const searchTool: Tool<typeof input, typeof output> = {
  name: "search",
  title: "Search a library",
  description:
    "Finds the passages of a library that best match a query, nearest first, with the documents they belong to. `get` reads a whole document.",
  annotations: { readOnlyHint: true },
  input,
  output,
  async run({ query, like, k, mode, facets, ...given }, { database }, signal) {
    const id = await findLibrary(database, given.library, signal);
    const likeness = like === undefined ? {} : { like: { document_id: like } };
    const restriction = { metadata_filter: given.filter, distance_threshold: given.max_distance };
    const request = { query, ...likeness, k, mode, ...restriction, facets };
    const { results, seq, facets: counts } = await database.search(id, request, signal);
    const hits = shownHits(results);
    const found = hits.length === 0 ? "No results." : hits.map(hitText).join("\n\n");
    const structured = { library_id: id, position: seq, hits, ...(counts === undefined ? {} : { facets: counts }) };
    const counted = Object.entries(counts ?? {}).map(([field, facet]) => `\n\n${facetText(field, facet)}`);
    return { structured, text: `${found}${counted.join("")}\n\nPosition: ${seq}` };
  },
};
