import { actions } from "../../websocket/messages.ts";
import { metadata, storedMetadata } from "../../documents/metadata.ts";
import {
  chunk,
  chunkInput,
  document,
  documentDeleted,
  documentDeleteQuery,
  documentFound,
  documentInput,
  documentQuery,
  documentSummary,
  documentWritten,
} from "../../documents/model.ts";
import { deletionLine, documentsDeleted, documentsDeletion } from "../../documents/document-deletions.ts";
import {
  documentCount,
  documentCountRequest,
  documentList,
  documentListQuery,
  documentQueryRequest,
} from "../../documents/document-queries.ts";
import { documentPatch } from "../../documents/document-patch.ts";
import { documentsPatch, documentsPatched, patchLine } from "../../documents/document-patches.ts";
import { embedding } from "../../documents/vector.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const documentSchemas: readonly SchemaEntry[] = [
  entry({
    wire: "documentInput",
    name: "DocumentInput",
    schema: documentInput,
    example: shown.documentInput,
    lines: [shown.documentInput, { title: "Opening hours", text: "We answer from nine to five." }],
  }),
  entry({ wire: "documentPatch", name: "DocumentPatch", schema: documentPatch, example: shown.documentPatch }),
  entry({ wire: "document", name: "Document", schema: document }),
  entry({
    wire: "documentList",
    name: "DocumentList",
    schema: documentList,
    example: { documents: [shown.documentSummary], next_cursor: null, seq: 2 },
  }),
  entry({ wire: "documentQuery", schema: documentQuery }),
  entry({ wire: "documentDeleteQuery", schema: documentDeleteQuery }),
  entry({ wire: "documentListQuery", schema: documentListQuery }),
  entry({
    wire: "documentQueryRequest",
    name: "DocumentQuery",
    schema: documentQueryRequest,
    example: { metadata_filter: { author: "Ada", views: { $gte: 10 } }, sort: "-views", limit: 20 },
  }),
  entry({
    wire: "documentCountRequest",
    name: "DocumentCountRequest",
    schema: documentCountRequest,
    example: { metadata_filter: { author: "Ada" } },
  }),
  entry({
    wire: "documentCount",
    name: "DocumentCount",
    schema: documentCount,
    example: { documents: 1, chunks: 1, seq: 2 },
  }),
  entry({
    wire: "documentWritten",
    name: "DocumentWritten",
    schema: documentWritten,
    example: { document: shown.documentSummary, seq: 2 },
  }),
  entry({
    wire: "documentDeleted",
    name: "DocumentDeleted",
    schema: documentDeleted,
    example: { deleted: true, document_id: shown.documentId, seq: 3 },
  }),
  entry({
    wire: "documentsPatch",
    name: "DocumentsPatch",
    schema: documentsPatch,
    example: { metadata_filter: { author: "Ada" }, patch: { tags: ["billing"] } },
  }),
  entry({
    wire: "documentsPatched",
    name: "DocumentsPatched",
    schema: documentsPatched,
    example: { patched: 120, failed: 0, seq: 122 },
  }),
  entry({
    wire: "patchLine",
    name: "PatchLine",
    schema: patchLine,
    lines: [{ patched: 40, failed: 0, seq: 42 }, { summary: { patched: 120, failed: 0, seq: 122 } }],
  }),
  entry({
    wire: "documentsDeletion",
    name: "DocumentsDeletion",
    schema: documentsDeletion,
    example: { metadata_filter: { views: { $lt: 10 } } },
  }),
  entry({
    wire: "documentsDeleted",
    name: "DocumentsDeleted",
    schema: documentsDeleted,
    example: { deleted: 1, seq: 3 },
  }),
  entry({
    wire: "deletionLine",
    name: "DeletionLine",
    schema: deletionLine,
    lines: [{ deleted: 1, seq: 3 }, { summary: { deleted: 1, seq: 3 } }],
  }),
  // Parts of the others.
  entry({ name: "DocumentReference", schema: actions.get.request, example: { document_id: shown.documentId } }),
  entry({
    name: "DeletionResponse",
    schema: actions.delete.response,
    example: { deleted: true, document_id: shown.documentId, seq: 3 },
  }),
  entry({
    name: "PatchResponse",
    schema: actions.patch.response,
    example: { document: shown.documentSummary, seq: 2 },
  }),
  entry({
    name: "DocumentPatching",
    schema: actions.patch.request,
    example: { document_id: shown.documentId, patch: shown.documentPatch },
  }),
  entry({
    name: "DocumentDeletion",
    schema: actions.delete.request,
    example: { document_id: shown.documentId, if_seq: 2 },
  }),
  entry({ name: "DocumentFound", schema: documentFound, example: { document: shown.document, seq: 2 } }),
  entry({ name: "DocumentSummary", schema: documentSummary }),
  entry({ name: "Chunk", schema: chunk }),
  entry({ name: "ChunkInput", schema: chunkInput }),
  entry({ name: "Embedding", schema: embedding }),
  entry({ name: "Metadata", schema: storedMetadata }),
  entry({ name: "MetadataInput", schema: metadata }),
];
