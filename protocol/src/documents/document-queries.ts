import { z } from "zod";
import { filter } from "../filter/filter.ts";
import { filterText } from "../filter/filter-text.ts";
import { limits } from "../limits.ts";
import { boundedText, documentId, sequenceNumber } from "../text.ts";
import { documentSummary, pageLimit } from "./model.ts";

const sort = boundedText(limits.shortText, 1).refine((text) => text !== "-", "must name a field after the minus sign");
const sortDescription =
  "A field to sort by, as in filters: ascending, or descending after a minus sign, such as `-created_at`. Documents without it come last. Insertion order if absent";

const cursor = boundedText(limits.listCursor, 1).describe("The `next_cursor` of the previous page").optional();

const documentIds = z
  .array(documentId)
  .min(1, "must name at least one document")
  .max(limits.pageSize, `must name at most ${limits.pageSize} documents`);
const idsDescription = "Ids of the documents to list, in this order, instead of a filter, sort, limit or cursor";

const filterDescription = "A filter on the documents' own fields, as for events; all if absent";
const metadataFilter = filter.nullable().optional().describe(filterDescription);

interface Asked {
  readonly metadata_filter?: unknown;
  readonly sort?: unknown;
  readonly cursor?: unknown;
}

/** Reports what cannot be combined with ids. */
function checkIds(ids: unknown, name: string, asked: Asked, context: z.RefinementCtx): void {
  if (ids === undefined) return;
  const { metadata_filter, sort: order, cursor: page } = asked;
  const beside = Object.entries({ metadata_filter: metadata_filter ?? undefined, sort: order, cursor: page });
  for (const [field, value] of beside) {
    if (value === undefined) continue;
    context.addIssue({
      code: "custom",
      path: [field],
      message: `cannot be combined with ${name}; leave one of them out`,
    });
  }
}

/** `GET .../documents`: all values are text, and `id` may be given several times. */
export const documentListQuery = z
  .strictObject({
    limit: pageLimit.describe("Maximum number of entries per page"),
    cursor,
    metadata_filter: filterText.describe(`${filterDescription}. As JSON text`).optional(),
    sort: sort.describe(sortDescription).optional(),
    id: z
      .preprocess((value) => (typeof value === "string" ? [value] : value), documentIds)
      .describe(idsDescription)
      .optional(),
  })
  .superRefine((asked, context) => checkIds(asked.id, "id", asked, context));

/** `POST .../documents/query`, and the `data` of the WebSocket action `list`. */
export const documentQueryRequest = z
  .strictObject({
    ids: documentIds.optional().describe(idsDescription),
    metadata_filter: metadataFilter,
    sort: sort.optional().describe(sortDescription),
    limit: z
      .int({ error: "must be a whole number" })
      .min(1, "must be at least 1")
      .max(limits.pageSize, `must be at most ${limits.pageSize}`)
      .default(50)
      .describe("Maximum number of entries per page"),
    cursor,
  })
  .superRefine((asked, context) => checkIds(asked.ids, "ids", asked, context));

/** `POST .../documents/count`, and the `data` of the WebSocket action `count`. */
export const documentCountRequest = z.strictObject({ metadata_filter: metadataFilter });

export const documentCount = z.object({
  documents: z.int().min(0).describe("Number of documents that pass, exactly"),
  chunks: z.int().min(0).describe("Number of their chunks"),
  seq: sequenceNumber.describe("The position that the result reflects"),
});

export const documentList = z.object({
  documents: z
    .array(documentSummary)
    .describe("Documents in the order in which they were first added, unless sorted, without their texts"),
  missing: z
    .array(documentId)
    .optional()
    .describe("The ids that no document has, if the documents were asked for by their ids"),
  next_cursor: z.string().nullable().describe("Pass as `cursor` to get the next page; null on the last page"),
  seq: sequenceNumber.describe("The position that the page reflects"),
});
export type DocumentList = z.output<typeof documentList>;
