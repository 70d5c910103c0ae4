import { ArrwError } from "@arrwdb/protocol/errors";
import { readEvents } from "./event-reader.ts";
import type { Operations, ReadRequest } from "./messages.ts";
import type { Tables } from "./tables.ts";

type TableRead = Exclude<ReadRequest, { operation: "statistics" }>;

/** Answers what the tables alone can tell. @throws ArrwError */
export function read(tables: Tables, request: TableRead): Operations[TableRead["operation"]]["give"] {
  const { libraries, documents, chunks, receipts, ledger } = tables;
  switch (request.operation) {
    case "getLibrary":
      return libraries.find(request.take.id).library;
    case "listLibraries":
      return libraries.page(request.take);
    case "getDocument": {
      const { key, library } = libraries.find(request.take.libraryId);
      const found = documents.find(key, request.take.documentId);
      if (found === undefined) {
        throw new ArrwError("document_not_found", `The library has no document ${request.take.documentId}`);
      }
      const parts = chunks.ofDocument(found.key, request.take.vectors);
      const document = { ...found.summary, text: parts.map(({ text }) => text).join("\n\n"), chunks: parts };
      return { document, seq: library.seq };
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
    case "recallEmbeddings": {
      const { model, hashes } = request.take;
      return hashes.map((hash) => ledger.find(model, hash));
    }
  }
}
