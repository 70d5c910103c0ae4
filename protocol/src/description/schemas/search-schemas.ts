import { searchExplanation } from "../../search/explanation.ts";
import { facet } from "../../search/facets.ts";
import { filter } from "../../filter/filter.ts";
import { like } from "../../search/like.ts";
import {
  foundHit,
  hitGroup,
  searchLine,
  searchQuery,
  searchRequest,
  searchResponse,
  searchSummaryLine,
} from "../../search/search.ts";
import { searchBatchRequest, searchBatchResponse, searchFailure } from "../../search/search-batch.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const searchSchemas: readonly SchemaEntry[] = [
  entry({ wire: "searchQuery", schema: searchQuery }),
  entry({
    wire: "searchRequest",
    name: "Search",
    schema: searchRequest,
    example: {
      query: "how do I get a bill",
      k: 10,
      distance_threshold: 0.9,
      metadata_filter: { author: "Ada" },
      facets: ["author", { field: "views", limit: 3 }],
    },
  }),
  entry({
    wire: "searchResponse",
    name: "SearchResponse",
    schema: searchResponse,
    example: { results: [shown.hit], ...shown.answer, facets: shown.facets },
  }),
  entry({
    wire: "searchSummaryLine",
    name: "SearchSummaryLine",
    schema: searchSummaryLine,
    example: { summary: { ...shown.answer, facets: shown.facets } },
  }),
  entry({ wire: "searchExplanation", name: "SearchExplanation", schema: searchExplanation }),
  entry({
    wire: "searchBatchRequest",
    name: "SearchBatch",
    schema: searchBatchRequest,
    example: {
      searches: [
        { query: "how do I get a bill", mode: "vector", k: 1 },
        { query: "lost parcel", mode: "text", k: 1 },
      ],
    },
  }),
  entry({
    wire: "searchBatchResponse",
    name: "SearchBatchResponse",
    schema: searchBatchResponse,
    example: { answers: [{ results: [shown.hit], ...shown.answer }] },
  }),
  // Parts of the others.
  entry({
    name: "SearchFailure",
    schema: searchFailure,
    example: {
      success: false,
      error: "embedding: has dimension 3, but the library's dimension is 2",
      error_code: "dimension_mismatch",
      field: "embedding",
      retryable: false,
    },
  }),
  entry({ name: "HitGroup", schema: hitGroup, example: { value: "Ada", results: [shown.hit] } }),
  entry({ name: "Facet", schema: facet, example: shown.facets.author }),
  entry({ name: "RankedHit", schema: foundHit, example: shown.hit }),
  entry({ name: "SearchLine", schema: searchLine, lines: [shown.hit, { summary: shown.answer }] }),
  entry({ name: "Like", schema: like, example: { document_id: shown.documentId } }),
  entry({ name: "MetadataFilter", schema: filter }),
];
