import { exportLine } from "../documents/export.ts";
import {
  createLibraryRequest,
  library,
  libraryDeleted,
  libraryList,
  pageQuery,
  patchLibraryRequest,
} from "../documents/model.ts";
import { reembedding, reembedRequest } from "../documents/reembedding.ts";
import { libraryStatistics } from "../statistics.ts";
import { bodyErrors, libraryErrors, needlessBodyErrors, type Operation } from "./operation.ts";
import { ofLibrary, ofServer } from "./subjects.ts";

const path = "/v1/libraries";
const pathOfOne = "/v1/libraries/{library_id}";
const pathOfReembedding = `${pathOfOne}/reembedding` as const;

export const libraryOperations = {
  createLibrary: {
    ...ofServer,
    id: "createLibrary",
    method: "POST",
    path,
    chapter: "Libraries",
    summary: "Create a library",
    description:
      "The language is immutable, and only re-embedding changes the embedding model and the dimension. If `embedding_model` is omitted, the server's default is used; `none` is for your own vectors and requires a `dimension`.",
    scope: "admin",
    body: createLibraryRequest,
    answers: {
      201: {
        description: "The new library",
        content: { "application/json": library },
        headers: { location: "The path of the new library" },
      },
    },
    errors: [
      ...bodyErrors,
      "name_taken",
      "dimension_mismatch",
      "embedder_unavailable",
      "storage_full",
      "storage_failed",
    ],
  },
  listLibraries: {
    ...ofServer,
    id: "listLibraries",
    method: "GET",
    path,
    chapter: "Libraries",
    summary: "List libraries",
    description: "A key limited to libraries sees only these.",
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
    summary: "Get a library's settings and counts",
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
    summary: "Update a library's name, description, index or events",
    description:
      "Omitted fields stay unchanged. A new `index` is built in the background; until it is ready, the previous one answers.",
    scope: "admin",
    body: patchLibraryRequest,
    answers: { 200: { description: "The updated library", content: { "application/json": library } } },
    errors: [...bodyErrors, ...libraryErrors, "name_taken", "storage_full"],
  },
  reembedLibrary: {
    ...ofLibrary,
    id: "reembedLibrary",
    method: "POST",
    path: pathOfReembedding,
    chapter: "Libraries",
    summary: "Re-embed a library with another model or dimension, in the background",
    description:
      "All texts are embedded again, also those that came with vectors. Meanwhile the library is read, written and searched as before. Once each chunk has its new vector, the library changes over to them as one change, the event `library.updated`; if re-embedding fails or is cancelled, the library stays as it was. After a restart of the server it goes on.",
    scope: "admin",
    body: reembedRequest,
    answers: {
      202: { description: "It has begun", content: { "application/json": reembedding } },
    },
    errors: [
      ...bodyErrors,
      ...libraryErrors,
      "reembedding_in_progress",
      "dimension_mismatch",
      "embedder_unavailable",
      "storage_full",
    ],
  },
  getReembedding: {
    ...ofLibrary,
    id: "getReembedding",
    method: "GET",
    path: pathOfReembedding,
    chapter: "Libraries",
    summary: "Get the state of a library's latest re-embedding",
    scope: "read",
    answers: { 200: { description: "The latest one", content: { "application/json": reembedding } } },
    errors: [...libraryErrors, "reembedding_not_found"],
  },
  cancelReembedding: {
    ...ofLibrary,
    id: "cancelReembedding",
    method: "DELETE",
    path: pathOfReembedding,
    chapter: "Libraries",
    summary: "Cancel a library's re-embedding",
    description: "The library stays as it is. One that has ended already stays so.",
    scope: "admin",
    answers: { 200: { description: "The latest one, which has ended", content: { "application/json": reembedding } } },
    errors: [...needlessBodyErrors, ...libraryErrors, "reembedding_not_found", "storage_full"],
  },
  deleteLibrary: {
    ...ofLibrary,
    id: "deleteLibrary",
    method: "DELETE",
    path: pathOfOne,
    chapter: "Libraries",
    summary: "Delete a library and all its contents",
    description:
      "The library is gone when the response is sent. Its connections are closed, and uploads in progress end.",
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
    summary: "Export a library with its vectors, one JSON object per line",
    description:
      "First the library, then its documents with their chunks and vectors, then a summary; all as of one position, regardless of concurrent writes. An export without its last line was cut off; `aborted` in the summary says why an export is incomplete. It can be open for an hour, and is cut off if nothing of it is read for a minute.",
    scope: "read",
    answers: {
      200: { description: "The export, line by line", content: { "application/x-ndjson": exportLine } },
    },
    errors: [...libraryErrors],
  },
  getLibraryStatistics: {
    ...ofLibrary,
    id: "getLibraryStatistics",
    method: "GET",
    path: `${pathOfOne}/stats`,
    chapter: "Libraries",
    summary: "Get a library's index, search and recall statistics",
    scope: "read",
    answers: {
      200: {
        description: "The index in use, the searches since the server started, and the measured recall",
        content: { "application/json": libraryStatistics },
      },
    },
    errors: libraryErrors,
  },
} as const satisfies Record<string, Operation>;
