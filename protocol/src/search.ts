import { z } from "zod";
import { searchExplanation } from "./explanation.ts";
import { filter } from "./filter.ts";
import { limits } from "./limits.ts";
import { storedMetadata } from "./metadata.ts";
import { documentFields } from "./model.ts";
import { boundedText, position, sequenceNumber, timestamp, uuid } from "./text.ts";
import { embedding } from "./vector.ts";

const k = z
  .int({ error: "must be a whole number" })
  .min(1, "must be at least 1")
  .max(limits.k, `must be at most ${limits.k}`)
  .default(10);

const threshold = z
  .number({ error: "must be a finite number" })
  .min(0, "must be from 0 to 2")
  .max(2, "must be from 0 to 2")
  .nullable()
  .optional();

const queryText = boundedText(limits.queryText, 1);

const shared = {
  embedding: embedding.optional(),
  k,
  metadata_filter: filter.nullable().optional(),
};

/** Whether an estimate will not do: every chunk that passes is compared, however long that takes. */
const exact = z.boolean({ error: "must be true or false" }).optional();

/** Waits until the answer can show this position. */
const minSeq = position.nullable().optional();

/** The name of a room, where searches are shared. */
export const sessionId = boundedText(limits.sessionIdLength, 1);

const exactlyOne = (text: unknown, vector: unknown) => (text === undefined) !== (vector === undefined);

/** `POST .../search/stream` and `POST .../search`. */
export const searchRequest = z
  .strictObject({
    query: queryText.optional(),
    ...shared,
    distance_threshold: threshold,
    min_seq: minSeq,
    exact,
    mode: z.literal("vector", { error: 'must be "vector", the only mode of this version' }).default("vector"),
  })
  .refine((request) => exactlyOne(request.query, request.embedding), {
    path: ["query"],
    error: "give either query or embedding, one of the two",
  });
export type SearchRequest = z.output<typeof searchRequest>;

/** The query string of `POST .../search`. */
export const searchQuery = z.strictObject({
  /** Whether the answer should tell how it was found. */
  explain: z
    .enum(["true", "false"], { error: "must be true or false" })
    .transform((value) => value === "true")
    .optional(),
});

const socketQuery = { query_text: queryText.optional(), ...shared, threshold };

const oneOfTextAndVector = {
  path: ["query_text"],
  error: "give either query_text or embedding, one of the two",
};

/** The `data` of the WebSocket action `search`. */
export const socketSearchRequest = z
  .strictObject({
    ...socketQuery,
    min_seq: minSeq,
    session_id: sessionId.nullable().optional(),
    exact,
    explain: z.boolean({ error: "must be true or false" }).optional(),
  })
  .refine((request) => exactlyOne(request.query_text, request.embedding), oneOfTextAndVector);

/** A search that stands: its results are told now and whenever they change. */
export const liveQueryRequest = z
  .strictObject(socketQuery)
  .refine((request) => exactlyOne(request.query_text, request.embedding), oneOfTextAndVector);
export type LiveQueryRequest = z.output<typeof liveQueryRequest>;

/** The chunk's own metadata, with these fields of the server's beside it. */
export const hitMetadata = storedMetadata.and(
  z.object({
    created_at: timestamp,
    page_number: z.int().nullable(),
    chunk_index: z.int().min(0),
    source_document_id: uuid,
  }),
);

export const searchHit = z.object({
  rank: z.int().positive(),
  chunk_id: uuid,
  document_id: uuid,
  distance: z.number().min(0).max(2),
  text: z.string(),
  metadata: hitMetadata,
  document: z.object(documentFields),
});
export type SearchHit = z.output<typeof searchHit>;

const answer = {
  seq: sequenceNumber,
  took_ms: z.number().min(0),
  exact: z.boolean(),
  /** Where it was asked for. */
  explanation: searchExplanation.optional(),
};

export const searchResponse = z.object({ results: z.array(searchHit), total: z.int().min(0), ...answer });
export type SearchResponse = z.output<typeof searchResponse>;

/** A WebSocket hit names the chunk `id` too, as its clients expect. */
export const socketSearchHit = searchHit.extend({ id: uuid });
export type SocketSearchHit = z.output<typeof socketSearchHit>;
export const socketSearchResponse = z.object({ results: z.array(socketSearchHit), total: z.int().min(0), ...answer });

/** The last line of a search answered as NDJSON, after a line for each hit. */
export const searchSummaryLine = z.object({ summary: z.object({ total: z.int().min(0), ...answer }) });

export const searchLine = z.union([searchHit, searchSummaryLine]);
