import { z } from "zod";
import { limits } from "../limits.ts";
import { boundedText } from "../text.ts";

/** How a search asks for pages, and for the next one. */
export const paging = {
  pages: z
    .boolean({ error: "must be true or false" })
    .optional()
    .describe(
      `Whether the hits beyond the first \`k\` can be read too, \`k\` at a time, up to ${limits.rankedHits} in all: the response has a \`next_cursor\``,
    ),
  cursor: boundedText(limits.searchCursor, 1)
    .optional()
    .describe("The `next_cursor` of the previous page, alone: its search goes on as it was, at the same position"),
};

/** A field of a search that does not go with its paging, and why. */
export interface PagingFault {
  readonly field: string;
  readonly message: string;
}

/** The fields that a search gives besides a cursor, each of which is refused rather than ignored. */
export function besideCursor(asked: Readonly<Record<string, unknown>>): readonly PagingFault[] {
  const given = Object.entries(asked).filter(([name, value]) => {
    const isDefault = name === "mode" && value === "vector";
    return name !== "cursor" && value !== undefined && value !== null && !isDefault;
  });
  const message = "is not allowed with cursor: pages are those of the search that returned it; send the cursor alone";
  return given.map(([field]) => ({ field, message }));
}

/** Why a search cannot have pages, if it was asked for them. */
export function pagesFault(asked: { readonly pages?: unknown; readonly group_by?: unknown }): PagingFault | undefined {
  if (asked.pages !== true || asked.group_by === undefined) return undefined;
  return { field: "pages", message: "is not allowed with group_by; ask for more groups with k" };
}

/** What a response has besides if pages were asked for. */
export const furtherPages = {
  next_cursor: z
    .string()
    .nullable()
    .optional()
    .describe("With `pages`: pass as `cursor` to get the next page; null on the last page"),
  truncated: z
    .boolean()
    .optional()
    .describe(`With \`pages\`: whether more chunks match than the ${limits.rankedHits} that pages can have in all`),
};
