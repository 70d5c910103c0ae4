import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { Slice } from "../../../scheduling/slice.ts";
import { toErrorData } from "../../engine/threads/error-data.ts";
import type { Operations, WriteRequest } from "./writer-messages.ts";
import type { Outcome } from "../../engine/threads/thread-messages.ts";
import type { Tables } from "../tables/tables.ts";
import { WebhookWrites } from "./webhook-writes.ts";
import type { TableWriter } from "./table-writer.ts";

/** A refused request is its own outcome; an I/O error fails the whole transaction. */
export function applySafely(writer: TableWriter, tables: Tables, request: WriteRequest): Outcome<unknown> {
  try {
    return { value: apply(writer, tables, request) };
  } catch (error) {
    if (error instanceof ArrwError) return { error: toErrorData(error) };
    throw error;
  }
}

function apply(
  writer: TableWriter,
  tables: Tables,
  request: WriteRequest,
): Operations[WriteRequest["operation"]]["give"] {
  switch (request.operation) {
    case "createLibrary":
      return writer.createLibrary(request.take);
    case "updateLibrary":
      return writer.updateLibrary(request.take);
    case "deleteLibrary":
      return writer.deleteLibrary(request.take.id);
    case "writeDocuments":
      return writer
        .writeDocuments(request.take.libraryId, request.take.documents)
        .map((settled) => ("error" in settled ? { error: toErrorData(settled.error) } : settled));
    case "beginUpload":
      return writer.beginUpload(request.take.libraryId, request.take.idempotencyKey);
    case "patchDocument":
      return writer.patchDocument(request.take);
    case "patchDocuments":
      return writer.patchDocuments(request.take);
    case "deleteDocument":
      return writer.deleteDocument(request.take.libraryId, request.take.documentId, request.take.ifSeq);
    case "deleteDocuments":
      return writer.deleteDocuments(request.take.libraryId, request.take.seqs);
    case "expireDocuments":
      return writer.expireDocuments(request.take.libraryId, request.take.until, new Slice());
    case "applyStep":
      writer.applyStep(request.take);
      return undefined;
    case "dropLibrary":
      writer.dropLibrary(request.take.libraryId);
      return undefined;
    case "recordSearch":
      return writer.recordSearch(request.take.libraryId, request.take.search);
    case "beginReembedding":
      return writer.reembeddings.begin(request.take);
    case "keepVectors":
      return writer.reembeddings.keep(request.take);
    case "changeOver":
      return writer.changeOver(request.take);
    case "endReembedding":
      return writer.reembeddings.end(request.take);
    case "rememberEmbeddings":
      tables.embeddings.insert(request.take.model, request.take.entries);
      return undefined;
    case "createKey":
      tables.keys.insert(request.take);
      return undefined;
    case "revokeKey":
      tables.keys.remove(request.take.id, request.take.keepsAdmin);
      return undefined;
    case "recordKeyUse":
      tables.keys.use(request.take);
      return undefined;
    case "appendAudit":
      tables.audit.append(request.take);
      return undefined;
    case "createWebhook":
      return new WebhookWrites(tables).create(request.take.libraryId, request.take.webhook);
    case "updateWebhook":
      return new WebhookWrites(tables).update(request.take.libraryId, request.take.webhookId, request.take.patch);
    case "deleteWebhook":
      new WebhookWrites(tables).delete(request.take.libraryId, request.take.webhookId);
      return undefined;
    case "reportDeliveries":
      new WebhookWrites(tables).report(request.take);
      return undefined;
  }
}
