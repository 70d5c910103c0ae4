import { z } from "zod";
import { documentPatch } from "../documents/document-patch.ts";
import { documentsPatch, documentsPatched, patchLine } from "../documents/document-patches.ts";
import { idempotencyKey, ingestionQuery, ingestionResponse, uploadLine } from "../documents/ingestion.ts";
import {
  documentDeleted,
  documentDeleteQuery,
  documentWriteQuery,
  documentFound,
  documentInput,
  documentQuery,
  documentWritten,
} from "../documents/model.ts";
import {
  documentCount,
  documentCountRequest,
  documentList,
  documentListQuery,
  documentQueryRequest,
} from "../documents/document-queries.ts";
import { deletionLine, documentsDeleted, documentsDeletion } from "../documents/document-deletions.ts";
import { bodyErrors, embedderErrors, libraryErrors, needlessBodyErrors, type Operation } from "./operation.ts";
import { ofDocument, ofLibrary } from "./subjects.ts";

const path = "/v1/libraries/{library_id}/documents";
const pathOfOne = `${path}/{document_id}`;

const written = {
  201: {
    description: "The document is new: it is on disk, and the next search finds it",
    content: { "application/json": documentWritten },
    headers: { location: "The path of the document" },
  },
  200: {
    description: "The document replaced the one with its id",
    content: { "application/json": documentWritten },
  },
} as const;

const writeErrors = [
  ...bodyErrors,
  ...libraryErrors,
  "dimension_mismatch",
  ...embedderErrors,
  "seq_mismatch",
  "storage_full",
] as const satisfies Operation["errors"];

export const documentOperations = {
  addDocument: {
    ...ofLibrary,
    id: "addDocument",
    method: "POST",
    path,
    chapter: "Documents",
    summary: "Add a document",
    description: "Unknown fields are kept as custom metadata. A document with an existing `id` is replaced as a whole.",
    scope: "write",
    query: documentWriteQuery,
    body: documentInput,
    answers: written,
    errors: writeErrors,
  },
  putDocument: {
    ...ofDocument,
    id: "putDocument",
    method: "PUT",
    path: pathOfOne,
    chapter: "Documents",
    summary: "Add or replace the document with this id",
    scope: "write",
    query: documentWriteQuery,
    body: documentInput,
    answers: written,
    errors: writeErrors,
  },
  listDocuments: {
    ...ofLibrary,
    id: "listDocuments",
    method: "GET",
    path,
    chapter: "Documents",
    summary: "List a library's documents, without their text",
    description:
      "All of them, those that pass a filter, or those with the given ids; in insertion order, or sorted by a field.",
    scope: "read",
    query: documentListQuery,
    answers: { 200: { description: "A page of documents", content: { "application/json": documentList } } },
    errors: [...libraryErrors, "invalid_cursor"],
  },
  queryDocuments: {
    ...ofLibrary,
    id: "queryDocuments",
    method: "POST",
    path: `${path}/query`,
    chapter: "Documents",
    summary: "List a library's documents, with the query as a body",
    description: "The same as `GET`, for filters and lists of ids that are long.",
    scope: "read",
    body: documentQueryRequest,
    answers: { 200: { description: "A page of documents", content: { "application/json": documentList } } },
    errors: [...bodyErrors, ...libraryErrors, "invalid_cursor"],
  },
  countDocuments: {
    ...ofLibrary,
    id: "countDocuments",
    method: "POST",
    path: `${path}/count`,
    chapter: "Documents",
    summary: "Count a library's documents that pass a filter, and their chunks",
    scope: "read",
    body: documentCountRequest,
    answers: { 200: { description: "The exact numbers", content: { "application/json": documentCount } } },
    errors: [...bodyErrors, ...libraryErrors],
  },
  getDocument: {
    ...ofDocument,
    id: "getDocument",
    method: "GET",
    path: pathOfOne,
    chapter: "Documents",
    summary: "Read a document with its chunks",
    scope: "read",
    query: documentQuery,
    answers: { 200: { description: "The document", content: { "application/json": documentFound } } },
    errors: [...libraryErrors, "document_not_found"],
  },
  patchDocument: {
    ...ofDocument,
    id: "patchDocument",
    method: "PATCH",
    path: pathOfOne,
    chapter: "Documents",
    summary: "Change a document's fields without its texts",
    description:
      "A JSON merge patch (RFC 7386), as `application/merge-patch+json` or `application/json`. Nothing is embedded, and chunks keep their ids. A patch that changes nothing returns the document with its present `seq`.",
    scope: "write",
    query: documentWriteQuery,
    body: documentPatch,
    answers: {
      200: {
        description: "The document with the patch applied: it is on disk, and the next search sees it",
        content: { "application/json": documentWritten },
      },
    },
    errors: [...bodyErrors, ...libraryErrors, "document_not_found", "seq_mismatch", "storage_full"],
  },
  deleteDocument: {
    ...ofDocument,
    id: "deleteDocument",
    method: "DELETE",
    path: pathOfOne,
    chapter: "Documents",
    summary: "Delete a document",
    scope: "write",
    query: documentDeleteQuery,
    answers: { 200: { description: "The document was deleted", content: { "application/json": documentDeleted } } },
    errors: [...needlessBodyErrors, ...libraryErrors, "document_not_found", "seq_mismatch", "storage_full"],
  },
  deleteDocuments: {
    ...ofLibrary,
    id: "deleteDocuments",
    method: "POST",
    path: `${path}/delete`,
    chapter: "Documents",
    summary: "Delete the documents that pass a filter",
    description:
      "Documents that are written after the start are left alone. Each deletion is an event. With `Accept: application/x-ndjson`, the progress is sent after each transaction. If the client leaves, the deletion stops; the same request goes on.",
    scope: "write",
    body: documentsDeletion,
    answers: {
      200: {
        description: "The documents were deleted",
        content: { "application/json": documentsDeleted, "application/x-ndjson": deletionLine },
      },
    },
    errors: [...bodyErrors, ...libraryErrors, "confirmation_required", "library_deleted", "storage_full"],
  },
  patchDocuments: {
    ...ofLibrary,
    id: "patchDocuments",
    method: "POST",
    path: `${path}/patch`,
    chapter: "Documents",
    summary: "Change fields of the documents that pass a filter",
    description:
      "Documents that are written after the start are left alone. Each change is an event. With `Accept: application/x-ndjson`, the progress is sent after each transaction. If the client leaves, the patch stops; the same request goes on.",
    scope: "write",
    body: documentsPatch,
    answers: {
      200: {
        description: "The documents were patched",
        content: { "application/json": documentsPatched, "application/x-ndjson": patchLine },
      },
    },
    errors: [...bodyErrors, ...libraryErrors, "confirmation_required", "library_deleted", "storage_full"],
  },
  streamDocuments: {
    ...ofLibrary,
    id: "streamDocuments",
    method: "POST",
    path: `${path}/stream`,
    chapter: "Documents",
    summary: "Upload documents, one JSON object per line, with a receipt for each",
    description:
      "Can be of any length, compressed with `gzip`, `deflate`, `br` or `zstd` as named in `Content-Encoding`. An invalid line fails on its own. With `Accept: application/x-ndjson`, each receipt is sent as soon as its line is on disk; otherwise all are sent at the end.",
    scope: "write",
    query: ingestionQuery,
    headers: z.object({ "Idempotency-Key": idempotencyKey.optional() }),
    stream: { "application/x-ndjson": documentInput },
    answers: {
      200: {
        description: "The result of each line",
        content: { "application/json": ingestionResponse, "application/x-ndjson": uploadLine },
      },
    },
    errors: [
      ...libraryErrors,
      "library_deleted",
      "empty_body",
      "invalid_encoding",
      "unsupported_media_type",
      "upload_aborted",
      "upload_stalled",
      "answer_too_large",
      "storage_full",
    ],
  },
} as const satisfies Record<string, Operation>;
