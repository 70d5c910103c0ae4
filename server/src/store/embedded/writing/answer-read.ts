import { wholeDocument } from "../../engine/rows/whole-document.ts";
import { documentNotFound } from "./document-errors.ts";
import { readEvents } from "./event-reader.ts";
import { latestReembedding, runningReembedding } from "./reembedding-writes.ts";
import type { Operations, ReadRequest } from "./writer-messages.ts";
import type { Tables } from "../tables/tables.ts";
import { WebhookWrites } from "./webhook-writes.ts";

/** Characters of the texts that are read at once to be embedded again. */
const textsAtOnce = 256 * 1024;

type TableRead = Exclude<ReadRequest, { operation: "statistics" }>;

/** Answers reads from the tables. @throws ArrwError */
export function read(tables: Tables, request: TableRead): Operations[TableRead["operation"]]["give"] {
  const { libraries, documents, chunks, receipts, embeddings, keys, audit } = tables;
  switch (request.operation) {
    case "getLibrary":
      return libraries.find(request.take.id).library;
    case "listLibraries":
      return libraries.page(request.take);
    case "replicatedLibraries":
      return libraries.all().map(({ library: { id, seq } }) => ({ id, seq }));
    case "namedLibraries":
      return libraries.named(request.take.name, request.take.among);
    case "getDocument": {
      const { key, library, space } = libraries.find(request.take.libraryId);
      const found = documents.find(key, request.take.documentId);
      if (found === undefined) throw documentNotFound(request.take.documentId);
      return { document: wholeDocument(chunks, found, request.take.vectors ? space : undefined), seq: library.seq };
    }
    case "findDocuments": {
      const { key, library } = libraries.find(request.take.libraryId);
      const found = request.take.ids.map((id) => documents.find(key, id)?.summary ?? id);
      return {
        documents: found.filter((one) => typeof one !== "string"),
        missing: found.filter((one) => typeof one === "string"),
        seq: library.seq,
      };
    }
    case "listDocuments": {
      const { key, library } = libraries.find(request.take.libraryId);
      return documents.page(key, library.seq, request.take.page);
    }
    case "readEvents": {
      return readEvents(tables, request.take.libraryId, request.take.range);
    }
    case "readReceipts": {
      const { key } = libraries.find(request.take.libraryId);
      return receipts.after(key, request.take.range);
    }
    case "getReembedding":
      return latestReembedding(tables, request.take.libraryId);
    case "runningReembeddings":
      return tables.reembeddings.running().map((id) => latestReembedding(tables, id));
    case "nextTexts": {
      const { libraryId, id, limit } = request.take;
      const { row, next } = runningReembedding(tables, libraryId, id);
      return chunks.textsAfter(row.key, next.after, limit, textsAtOnce);
    }
    case "getWebhook":
      return new WebhookWrites(tables).get(request.take.libraryId, request.take.webhookId);
    case "listWebhooks":
      return new WebhookWrites(tables).list(request.take.libraryId);
    case "allWebhooks":
      return new WebhookWrites(tables).all(request.take);
    case "listDeliveries":
      return new WebhookWrites(tables).deliveries(request.take.libraryId, request.take.webhookId, request.take.page);
    case "recallEmbeddings": {
      const { model, hashes } = request.take;
      return hashes.map((hash) => embeddings.find(model, hash));
    }
    case "listKeys":
      return keys.all();
    case "readAudit":
      return audit.page(request.take);
  }
}
