import { indexSettings } from "../../documents/index-settings.ts";
import {
  createLibraryRequest,
  eventSettings,
  library,
  libraryDeleted,
  libraryList,
  pageQuery,
  patchLibraryRequest,
  textLanguage,
} from "../../documents/model.ts";
import { reembedding, reembeddingState, reembedRequest } from "../../documents/reembedding.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const librarySchemas: readonly SchemaEntry[] = [
  entry({
    wire: "createLibraryRequest",
    name: "CreateLibrary",
    schema: createLibraryRequest,
    example: {
      name: "Help centre",
      description: "Articles for customers",
      events: { max_age_seconds: 86_400 },
    },
  }),
  entry({
    wire: "patchLibraryRequest",
    name: "PatchLibrary",
    schema: patchLibraryRequest,
    example: { description: null, events: { max_count: 100_000 } },
  }),
  entry({ wire: "library", name: "Library", schema: library, example: shown.library }),
  entry({
    wire: "libraryList",
    name: "LibraryList",
    schema: libraryList,
    example: { libraries: [shown.library], next_cursor: null },
  }),
  entry({
    wire: "libraryDeleted",
    name: "LibraryDeleted",
    schema: libraryDeleted,
    example: { deleted: true, id: shown.libraryId, seq: 3 },
  }),
  entry({
    wire: "reembedRequest",
    name: "ReembedLibrary",
    schema: reembedRequest,
    example: { embedding_model: "openai:text-embedding-3-small" },
  }),
  entry({
    wire: "reembedding",
    name: "Reembedding",
    schema: reembedding,
    example: {
      library_id: shown.libraryId,
      state: "running",
      embedding_model: "openai:text-embedding-3-small",
      dimension: 1_536,
      chunks_done: 5_120,
      chunks_total: 20_000,
      started_at: "2026-11-28T09:00:00.000Z",
      finished_at: null,
      seq: null,
      error: null,
      error_code: null,
    },
  }),
  entry({ wire: "pageQuery", schema: pageQuery }),
  // Parts of the others.
  entry({ name: "EventSettings", schema: eventSettings }),
  entry({ name: "IndexSettings", schema: indexSettings }),
  entry({ name: "ReembeddingState", schema: reembeddingState }),
  entry({ name: "TextLanguage", schema: textLanguage }),
];
