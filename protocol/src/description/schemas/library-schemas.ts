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
  entry({ wire: "pageQuery", schema: pageQuery }),
  // Parts of the others.
  entry({ name: "EventSettings", schema: eventSettings }),
  entry({ name: "IndexSettings", schema: indexSettings }),
  entry({ name: "TextLanguage", schema: textLanguage }),
];
