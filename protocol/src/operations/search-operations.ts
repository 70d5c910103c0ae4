import { searchLine, searchQuery, searchRequest, searchResponse } from "../search/search.ts";
import { searchBatchRequest, searchBatchResponse } from "../search/search-batch.ts";
import { bodyErrors, embedderErrors, ignored, libraryErrors, type Operation } from "./operation.ts";
import { ofLibrary } from "./subjects.ts";

const search = {
  ...ofLibrary,
  method: "POST",
  chapter: "Search",
  scope: "read",
  query: searchQuery,
  body: searchRequest,
  answers: {
    200: {
      description: "The hits, nearest first",
      content: { "application/json": searchResponse, "application/x-ndjson": searchLine },
    },
  },
  errors: [
    ...bodyErrors,
    ...libraryErrors,
    ...embedderErrors,
    "dimension_mismatch",
    "answer_too_large",
    "position_not_reached",
    "library_deleted",
    "document_not_found",
    "chunk_not_found",
    "invalid_cursor",
    "cursor_expired",
  ],
} as const;

export const searchOperations = {
  search: {
    ...search,
    id: "search",
    path: "/v1/libraries/{library_id}/search",
    summary: "Search a library by vector, by keyword, or by both",
    description:
      "With `Accept: application/x-ndjson`, the response is one hit per line, with a summary as the last line.",
  },
  searchStream: {
    ...search,
    id: "searchStream",
    path: "/v1/libraries/{library_id}/search/stream",
    summary: "Search a library: the same as `search`, at its older URL",
  },
  searchBatch: {
    ...search,
    id: "searchBatch",
    path: "/v1/libraries/{library_id}/search/batch",
    summary: "Make several searches of a library in one request",
    description: "Each search is answered by itself: one that fails is an error in its place.",
    query: ignored,
    body: searchBatchRequest,
    answers: {
      200: {
        description: "What each search is answered with, in their order",
        content: { "application/json": searchBatchResponse },
      },
    },
    errors: [...bodyErrors, ...libraryErrors],
  },
} as const satisfies Record<string, Operation>;
