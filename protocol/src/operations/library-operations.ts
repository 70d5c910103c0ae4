import { exportLine } from "../export.ts";
import {
  createLibraryRequest,
  library,
  libraryDeleted,
  libraryList,
  pageQuery,
  patchLibraryRequest,
} from "../model.ts";
import { libraryStatistics } from "../statistics.ts";
import { bodyErrors, libraryErrors, needlessBodyErrors, type Operation } from "./operation.ts";
import { ofLibrary, ofServer } from "./subjects.ts";

const path = "/v1/libraries";
const pathOfOne = "/v1/libraries/{library_id}";

export const libraryOperations = {
  createLibrary: {
    ...ofServer,
    id: "createLibrary",
    method: "POST",
    path,
    chapter: "Libraries",
    summary: "Create a library",
    description:
      "The embedding model, the dimension and the language are fixed for good. Where `embedding_model` is left out, it is the server's; `none` is for vectors of your own and wants a `dimension`.",
    scope: "admin",
    body: createLibraryRequest,
    answers: {
      201: {
        description: "The new library",
        content: { "application/json": library },
        headers: { location: "The path of the new library" },
      },
    },
    errors: [...bodyErrors, "dimension_mismatch", "embedder_unavailable", "storage_full", "storage_failed"],
  },
  listLibraries: {
    ...ofServer,
    id: "listLibraries",
    method: "GET",
    path,
    chapter: "Libraries",
    summary: "List the libraries, a page at a time",
    description: "A key that is limited to libraries sees these alone.",
    scope: "read",
    narrowed: true,
    query: pageQuery,
    answers: { 200: { description: "A page of libraries", content: { "application/json": libraryList } } },
    errors: ["validation_failed", "invalid_cursor", "storage_failed"],
  },
  getLibrary: {
    ...ofLibrary,
    id: "getLibrary",
    method: "GET",
    path: pathOfOne,
    chapter: "Libraries",
    summary: "Read a library's settings and counts",
    scope: "read",
    answers: { 200: { description: "The library", content: { "application/json": library } } },
    errors: libraryErrors,
  },
  updateLibrary: {
    ...ofLibrary,
    id: "updateLibrary",
    method: "PATCH",
    path: pathOfOne,
    chapter: "Libraries",
    summary: "Change a library's name, description, index or events",
    description:
      "What is left out stays as it is. Another `index` is made in the background; until it is ready, the one before answers.",
    scope: "admin",
    body: patchLibraryRequest,
    answers: { 200: { description: "The library as it is now", content: { "application/json": library } } },
    errors: [...bodyErrors, ...libraryErrors, "storage_full"],
  },
  deleteLibrary: {
    ...ofLibrary,
    id: "deleteLibrary",
    method: "DELETE",
    path: pathOfOne,
    chapter: "Libraries",
    summary: "Delete a library and all that is in it",
    description: "It is gone when this is answered. Its connections are closed, and uploads in progress end.",
    scope: "admin",
    answers: { 200: { description: "The library was deleted", content: { "application/json": libraryDeleted } } },
    errors: [...needlessBodyErrors, ...libraryErrors, "storage_full"],
  },
  exportLibrary: {
    ...ofLibrary,
    id: "exportLibrary",
    method: "GET",
    path: `${pathOfOne}/export`,
    chapter: "Libraries",
    summary: "Read a whole library with its vectors, one JSON object a line",
    description:
      "First the library, then its documents with their chunks and vectors, then a summary; all as of one position, whatever is written meanwhile. An export without its last line was cut off, and one whose summary has `aborted` says why. It may be open for an hour, and is ended where nothing of it is read for a minute.",
    scope: "read",
    answers: {
      200: { description: "The library, line by line", content: { "application/x-ndjson": exportLine } },
    },
    errors: [...libraryErrors],
  },
  getLibraryStatistics: {
    ...ofLibrary,
    id: "getLibraryStatistics",
    method: "GET",
    path: `${pathOfOne}/stats`,
    chapter: "Libraries",
    summary: "Tell how a library is searched, and how well",
    scope: "read",
    answers: {
      200: {
        description: "The index in use, the searches since the server started, and the recall that was measured",
        content: { "application/json": libraryStatistics },
      },
    },
    errors: libraryErrors,
  },
} as const satisfies Record<string, Operation>;
