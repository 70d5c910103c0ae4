import { z } from "zod";
import { limits } from "../limits.ts";
import { boundedText } from "../text.ts";

export const highlightField = z.enum(["text", "title"], { error: 'must be "text" or "title"' });
export type HighlightField = z.output<typeof highlightField>;

const mark = boundedText(limits.markLength);

const whole = (least: number, most: number) =>
  z
    .int({ error: "must be a whole number" })
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);

const highlightOptions = z.strictObject(
  {
    fields: z
      .array(highlightField, { error: 'must be an array of "text" and "title"' })
      .min(1, "must name at least one field")
      .max(highlightField.options.length, "names a field twice")
      .default([...highlightField.options])
      .describe("The fields of the hit in which words are marked"),
    before: mark.default("<mark>").describe("What is put before a marked word"),
    after: mark.default("</mark>").describe("What is put after it"),
    fragments: whole(0, limits.fragments)
      .default(3)
      .describe("Maximum number of fragments of a field, those with the most words; 0 for the whole field as one"),
    fragment_characters: whole(limits.leastFragment, limits.greatestFragment)
      .default(200)
      .describe("Maximum length of a fragment in characters, without marks"),
    escape: z
      .enum(["none", "html"], { error: 'must be "none" or "html"' })
      .default("none")
      .describe("Whether `&`, `<`, `>` and quotes of the text are escaped for HTML; marks never are"),
    query: boundedText(limits.queryText, 1)
      .optional()
      .describe("The words to mark, if they are not those of the search"),
  },
  {
    error: ({ code }) =>
      code === "invalid_type" ? 'must be true, or an object such as {"fragments": 1, "before": "<b>"}' : undefined,
  },
);

/** Which words of a hit are marked, and how. */
export const highlight = z.union([highlightOptions, z.boolean()]);
export type Highlight = z.output<typeof highlight>;

const parts = z.array(z.string()).optional();

/** The marked parts of a hit. */
export const highlights = z
  .object({
    text: parts.describe("Parts of the chunk's text"),
    title: parts.describe("Parts of the document's title"),
  })
  .describe("Parts with marked words of each field of `highlight`, in their order; empty if no word occurs");
export type Highlights = z.output<typeof highlights>;

/** What is marked, with the words of the search. */
export interface Highlighting extends z.output<typeof highlightOptions> {
  readonly query: string;
}

const byDefault = highlightOptions.parse({});

/** Undefined if nothing is to be marked, or there are no words. */
export function highlightingOf(given: Highlight | undefined, searched: string | undefined): Highlighting | undefined {
  if (given === undefined || given === false) return undefined;
  const options = given === true ? byDefault : given;
  const query = options.query ?? searched;
  return query === undefined ? undefined : { ...options, query };
}

/** Why nothing can be marked, or undefined. */
export function highlightFault(given: Highlight | undefined, searched: string | undefined): string | undefined {
  if (given === undefined || given === false || highlightingOf(given, searched) !== undefined) return undefined;
  return "this search has no words; give them as highlight.query, or search by a query text";
}
