import { limits } from "@arrwdb/protocol/limits";
import { countedField } from "@arrwdb/protocol/search/facets";
import type { HitField } from "@arrwdb/protocol/search/include";
import { searchRequest } from "@arrwdb/protocol/search/search";
import { documentId } from "@arrwdb/protocol/text";
import { z } from "zod";
import { filter, hit, library } from "../tool-arguments.ts";
import { facetText, hitText, shownHits } from "../hits-as-text.ts";
import type { Tool } from "../mcp-tool.ts";

/** Fields of a passage, by the names that its result has. */
const hitFields: Readonly<Record<"title" | "text" | "author" | "source_url" | "metadata", HitField>> = {
  title: "document.title",
  text: "text",
  author: "document.author",
  source_url: "document.source_url",
  metadata: "document.metadata",
};

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
  group_by: countedField
    .optional()
    .describe("A field to group by, such as document_id: k groups are found, each with its best passages."),
  group_hits: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(10, "must be at most 10")
    .default(3)
    .describe("The maximum number of passages of a group."),
  include: z
    .array(z.enum(["title", "text", "author", "source_url", "metadata"]))
    .max(5, "must be at most 5 fields")
    .default(["title", "text", "author", "source_url", "metadata"])
    .describe("What to return of each passage. Without text the answer is short, as for a list of titles."),
});

const output = z.object({
  library_id: z.string(),
  /** The position of the searched state; `watch` accepts it as `after`. */
  position: z.int(),
  hits: z.array(hit),
  /** Each group's value, null for passages without one, and the ranks of its hits. */
  groups: z.array(z.object({ value: z.unknown(), ranks: z.array(z.int()) })).optional(),
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
  async run(asked, { database }, signal) {
    const id = await database.libraryId(asked.library, signal);
    const { results, seq, facets, groups } = await database.search(id, requestOf(asked), signal);
    const hits = shownHits(results);
    const grouped = groups?.map(({ value, results: own }) => ({ value, ranks: own.map(({ rank }) => rank) }));
    const structured = {
      library_id: id,
      position: seq,
      hits,
      ...(grouped === undefined ? {} : { groups: grouped }),
      ...(facets === undefined ? {} : { facets }),
    };
    const paragraphs = [
      hits.length === 0 ? "No results." : hits.map(hitText).join("\n\n"),
      ...(grouped ?? []).map(({ value, ranks }) => `${value ?? "no value"}: ${ranks.join(", ")}`),
      ...Object.entries(facets ?? {}).map(([field, facet]) => facetText(field, facet)),
      `Position: ${seq}`,
    ];
    return { structured, text: paragraphs.join("\n\n") };
  },
};

function requestOf({ query, like, k, mode, facets, include, ...given }: z.output<typeof input>) {
  const { filter: metadata_filter, max_distance: distance_threshold, group_by: field, group_hits: hits } = given;
  const likeness = like === undefined ? {} : { like: { document_id: like } };
  const group_by = field === undefined ? undefined : { field, hits };
  const shown = include.map((name) => hitFields[name]);
  return { query, ...likeness, k, mode, metadata_filter, distance_threshold, facets, group_by, include: shown };
}
