import { z } from "zod";
import { searchExplanation } from "./explanation.ts";
import { facetFields, facets, groupBy, type GroupBy, groupsFault, groupValue } from "./facets.ts";
import { filter } from "../filter/filter.ts";
import { type Highlight, highlight, highlightFault, highlights } from "./highlight.ts";
import { include } from "./include.ts";
import { like } from "./like.ts";
import { limits } from "../limits.ts";
import { besideCursor, furtherPages, pagesFault, paging } from "./search-pages.ts";
import { storedMetadata } from "../documents/metadata.ts";
import { documentFields } from "../documents/model.ts";
import { boundedText, documentId, position, sequenceNumber, timestamp, uuid } from "../text.ts";
import { embedding } from "../documents/vector.ts";

/** The number of hits if a search does not say. */
export const defaultHits = 10;

const givenK = z
  .int({ error: "must be a whole number" })
  .min(1, "must be at least 1")
  .max(limits.k, `must be at most ${limits.k}`);

const k = givenK.default(defaultHits);

const threshold = z
  .number({ error: "must be a finite number" })
  .min(0, "must be from 0 to 2")
  .max(2, "must be from 0 to 2")
  .nullable()
  .optional();

const queryText = boundedText(limits.queryText, 1);

const shared = {
  embedding: embedding.optional().describe("A query vector, of the library's dimension; only its direction matters"),
  k: k.describe("Maximum number of hits"),
  metadata_filter: filter.nullable().optional().describe("A filter on the chunks to search; all if absent"),
};

const counting = {
  facets: facetFields
    .optional()
    .describe("Fields whose values are counted among all chunks that match; a name, or a name and a limit"),
  group_by: groupBy
    .optional()
    .describe("Finds the best `k` groups of chunks with the same value of a field, and the best hits of each"),
};

/** Of a search, other than a live query: a cursor is sent without `k`, so that has no default here. */
const inPages = {
  k: givenK.optional().meta({ default: defaultHits, description: "Maximum number of hits, or of those of a page" }),
  ...paging,
};

const showing = {
  include: include
    .optional()
    .describe("The fields of hits in the response, besides those that identify them; all but `embedding` if absent"),
  highlight: highlight.optional().describe("Marks the words of the query in hits: true, or how"),
};

const exact = z.boolean({ error: "must be true or false" }).optional();

const minSeq = position.nullable().optional();

/** The name of a room, in which searches are shared. */
export const sessionId = boundedText(limits.sessionIdLength, 1);

/** What a search compares: vectors, words, or both. */
export const searchMode = z.enum(["vector", "text", "hybrid"], {
  error: 'must be "vector", "text" or "hybrid"',
});
export type SearchMode = z.output<typeof searchMode>;

const vectorWeight = z
  .number({ error: "must be a number from 0 to 1" })
  .min(0, "must be from 0 to 1")
  .max(1, "must be from 0 to 1")
  .optional();

const modes = {
  mode: searchMode.default("vector").describe("The search mode: vector, keyword, or both"),
  vector_weight: vectorWeight.describe(
    "Weight of the vector in a hybrid score, 0 to 1; default 0.15 with the built-in model, otherwise 0.5",
  ),
};

const exactlyOne = (...given: readonly unknown[]) => given.filter((each) => each !== undefined).length === 1;

interface AskedFor {
  readonly k?: number | undefined;
  readonly cursor?: unknown;
  readonly pages?: unknown;
  readonly group_by?: GroupBy | undefined;
  readonly mode: SearchMode;
  readonly embedding?: unknown;
  readonly like?: unknown;
  readonly vector_weight?: unknown;
  readonly highlight?: Highlight | undefined;
}

type Refuse = (path: readonly string[], message: string) => void;

const refusing =
  (context: z.RefinementCtx): Refuse =>
  (path, message) =>
    context.addIssue({ code: "custom", path: [...path], message });

/** Reports what no search can be answered with, of any mode. */
function checkShown(
  asked: Pick<AskedFor, "k" | "group_by" | "highlight">,
  text: string | undefined,
  refuse: Refuse,
): void {
  const fault = groupsFault(asked.k ?? defaultHits, asked.group_by);
  if (fault !== undefined) refuse(["group_by", "hits"], fault);
  const unmarked = highlightFault(asked.highlight, text);
  if (unmarked !== undefined) refuse(["highlight"], unmarked);
}

/** Reports the fields that a mode requires, and those it does not support, which are refused rather than ignored. */
function checkMode(
  asked: AskedFor,
  text: { readonly name: string; readonly value: string | undefined },
  bound: { readonly name: string; readonly value: unknown },
  context: z.RefinementCtx,
): void {
  const refuse = (name: string, message: string) => refusing(context)([name], message);
  const { mode, embedding: vector } = asked;
  if (asked.cursor !== undefined) {
    for (const { field, message } of besideCursor({ ...asked })) refuse(field, message);
    return;
  }
  const unpaged = pagesFault(asked);
  if (unpaged !== undefined) refuse(unpaged.field, unpaged.message);
  if (mode === "vector" && !exactlyOne(text.value, vector, asked.like)) {
    refuse(text.name, `give exactly one of ${text.name}, embedding and like`);
  }
  checkShown(asked, text.value, refusing(context));
  if (mode !== "vector" && asked.like !== undefined) refuse("like", 'is allowed only with mode "vector"');
  if (mode !== "vector" && text.value === undefined) refuse(text.name, `is required when mode is "${mode}"`);
  if (mode !== "hybrid" && asked.vector_weight !== undefined)
    refuse("vector_weight", 'is allowed only with mode "hybrid"');
  if (mode !== "text") return;
  const useless = { embedding: vector, [bound.name]: bound.value ?? undefined };
  for (const [name, value] of Object.entries(useless)) {
    if (value !== undefined) refuse(name, 'is not allowed with mode "text", which compares no vectors');
  }
}

/** `POST .../search/stream` and `POST .../search`. */
export const searchRequest = z
  .strictObject({
    query: queryText.optional().describe("A query text"),
    like: like.optional(),
    ...shared,
    distance_threshold: threshold.describe(
      "Maximum cosine distance of a hit, from 0 (same direction) to 2; unlimited if absent",
    ),
    min_seq: minSeq.describe("A position that the result must reflect; waits for it, up to 5 seconds"),
    exact: exact.describe("Whether to compare every chunk that passes, however long that takes"),
    ...counting,
    ...showing,
    ...modes,
    ...inPages,
  })
  .superRefine((asked, context) => {
    const bound = { name: "distance_threshold", value: asked.distance_threshold };
    checkMode(asked, { name: "query", value: asked.query }, bound, context);
  });
export type SearchRequest = z.output<typeof searchRequest>;

/** The query string of `POST .../search`. */
export const searchQuery = z.strictObject({
  explain: z
    .enum(["true", "false"], { error: "must be true or false" })
    .transform((value) => value === "true")
    .optional()
    .describe("Whether to include the query plan in the response"),
});

const socketQuery = {
  query_text: queryText.optional().describe("A query text"),
  ...shared,
  threshold: threshold.describe("Maximum cosine distance of a hit, from 0 (same direction) to 2; unlimited if absent"),
};

const oneOfTextAndVector = {
  path: ["query_text"],
  error: "give exactly one of query_text and embedding",
};

/** The `data` of the WebSocket action `search`. */
export const socketSearchRequest = z
  .strictObject({
    ...socketQuery,
    like: like.optional(),
    min_seq: minSeq.describe("A position that the result must reflect; waits for it, up to 5 seconds"),
    session_id: sessionId.nullable().optional().describe("A room in which the search is shared"),
    exact: exact.describe("Whether to compare every chunk that passes, however long that takes"),
    explain: z
      .boolean({ error: "must be true or false" })
      .optional()
      .describe("Whether to include the query plan in the response"),
    ...counting,
    ...showing,
    ...modes,
    ...inPages,
  })
  .superRefine((asked, context) => {
    const text = { name: "query_text", value: asked.query_text };
    checkMode(asked, text, { name: "threshold", value: asked.threshold }, context);
    if (asked.include === undefined || (asked.session_id ?? undefined) === undefined) return;
    refusing(context)(["include"], "is not allowed with session_id: the others in the room are sent whole hits");
  });
export type SocketSearchRequest = z.output<typeof socketSearchRequest>;

/** A live query: its results are sent now and whenever they change. */
export const liveQueryRequest = z
  .strictObject({ ...socketQuery, ...counting, ...showing })
  .superRefine((asked, context) => checkShown(asked, asked.query_text, refusing(context)))
  .refine((request) => exactlyOne(request.query_text, request.embedding), oneOfTextAndVector);
export type LiveQueryRequest = z.output<typeof liveQueryRequest>;

const addedFields = z.object({
  created_at: timestamp.describe("When the document was first added, in UTC"),
  page_number: z.int().nullable().describe("The page the chunk is on"),
  chunk_index: z.int().min(0).describe("Its index in the document, from 0"),
  source_document_id: documentId.describe("The document's id"),
});

/** Names of the fields that the server adds to the metadata of a hit. */
export const addedFieldNames: ReadonlySet<string> = new Set(Object.keys(addedFields.shape));

/** The chunk's own metadata, with these fields of the server's beside it. */
export const hitMetadata = storedMetadata.and(addedFields);

export const searchHit = z.object({
  rank: z.int().positive().describe("Its rank among the hits, from 1"),
  chunk_id: uuid.describe("The chunk that was found"),
  document_id: documentId.describe("The document it belongs to"),
  distance: z.number().min(0).max(2).describe("The cosine distance, from 0 (same direction) to 2"),
  text: z.string().describe("The chunk's text"),
  metadata: hitMetadata.describe("The chunk's own metadata, with four fields of the server, which take precedence"),
  own_metadata: storedMetadata
    .optional()
    .describe("The chunk's own metadata alone; present if it has a field with the name of one of the server's four"),
  document: z.object(documentFields).describe("The document's fields"),
  embedding: z
    .string()
    .optional()
    .describe("The chunk's vector, if `include` names it: base64 of little-endian 32-bit floats"),
  highlights: highlights.optional(),
});
export type SearchHit = z.output<typeof searchHit>;

/** A hit of any mode. */
export const rankedHit = searchHit.extend({
  distance: searchHit.shape.distance
    .nullable()
    .describe("The cosine distance, from 0 (same direction) to 2; null in keyword searches"),
  score: z
    .number()
    .min(0)
    .optional()
    .describe("Score of a keyword search (BM25) or a hybrid search (0 to 1); higher is better"),
});
export type RankedHit = z.output<typeof rankedHit>;

const unlessLeftOut = "absent if `include` does not name it";

/** Fields of which `include` leaves something out. */
const chosenFields = {
  text: searchHit.shape.text.optional().describe(`The chunk's text; ${unlessLeftOut}`),
  metadata: storedMetadata
    .and(addedFields.partial())
    .optional()
    .describe(`The chunk's own metadata, with four fields of the server, which take precedence; ${unlessLeftOut}`),
  document: z
    .object(documentFields)
    .partial()
    .optional()
    .describe(`The document's fields; ${unlessLeftOut}, or one of them`),
};

/** A hit of any mode, with the fields of `include`. */
export const foundHit = rankedHit.extend(chosenFields);
export type FoundHit = z.output<typeof foundHit>;
const foundSearchHit = searchHit.extend(chosenFields);
export type FoundSearchHit = z.output<typeof foundSearchHit>;

const answer = {
  seq: sequenceNumber.describe("The position that the result reflects"),
  took_ms: z.number().min(0).describe("Duration in ms"),
  exact: z.boolean().describe("Whether no other chunk can belong to the hits; otherwise they are an approximation"),
  ...furtherPages,
  facets: facets.optional().describe("Counts of the values of the fields in `facets`, by field, if requested"),
  explanation: searchExplanation.optional().describe("The query plan, if requested"),
};

const groupOf = <Hit extends z.ZodType>(hit: Hit) => z.object({ value: groupValue, results: z.array(hit) });

const groupsOf = <Hit extends z.ZodType>(hit: Hit) => ({
  groups: z
    .array(groupOf(hit))
    .optional()
    .describe("The groups, the one with the best hit first, if `group_by` was given; `results` has the same hits"),
});

export const hitGroup = groupOf(foundHit);

export const searchResponse = z.object({
  results: z.array(foundHit),
  ...groupsOf(foundHit),
  total: z.int().min(0),
  ...answer,
});
export type SearchResponse = z.output<typeof searchResponse>;

/** A WebSocket hit names the chunk `id` too, as its clients expect. */
export const socketSearchHit = searchHit.extend({ id: uuid });
export type SocketSearchHit = z.output<typeof socketSearchHit>;
export const socketRankedHit = rankedHit.extend({ id: uuid });
export type SocketRankedHit = z.output<typeof socketRankedHit>;
/** The same with the fields of `include`. */
export const liveHit = foundSearchHit.extend({ id: uuid });
export type LiveHit = z.output<typeof liveHit>;
export const socketFoundHit = foundHit.extend({ id: uuid });
/** What live results have besides hits, if it was asked for. */
export const liveCounts = {
  ...groupsOf(liveHit),
  facets: answer.facets,
};

const socketAnswerOf = <Hit extends z.ZodType>(hit: Hit) =>
  z.object({ results: z.array(hit), ...groupsOf(hit), total: z.int().min(0), ...answer });

export const socketSearchResponse = socketAnswerOf(socketFoundHit);

/** The response to a search in a room, whose hits are whole. */
export const roomSearchResponse = socketAnswerOf(socketRankedHit);

/** The last line of a search answered as NDJSON, after a line for each hit. */
export const searchSummaryLine = z.object({
  summary: z.object({ total: z.int().min(0), ...groupsOf(foundHit), ...answer }),
});

export const searchLine = z.union([foundHit, searchSummaryLine]);
