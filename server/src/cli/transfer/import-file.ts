import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { type Library, noEmbeddingModel } from "@arrwdb/protocol/documents/model";
import type { DocumentInput, LibraryHandle } from "arrwdb-client";
import { type ExportReading, fitsLine, type ImportedDocument } from "./export-reading.ts";

interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onStored: (documents: number) => void;
  readonly onMessage: (message: string) => void;
}

interface Imported {
  readonly documents: number;
  readonly failed: number;
}

/** Stores the documents of an export in its order. Refused documents are reported, and the others are stored. */
export async function importDocuments(
  handle: LibraryHandle,
  library: Library,
  { documents }: ExportReading,
  { signal, onStored, onMessage }: ImportOptions,
): Promise<Imported> {
  const ids = new Map<number, string>();
  let count = 0;
  const inputs = async function* () {
    for await (const document of documents) {
      if (document.expires_at !== null && Date.parse(document.expires_at) <= Date.now()) {
        onMessage(`left out: document ${shownDocumentId(document.id)} has expired`);
        continue;
      }
      ids.set(++count, document.id);
      yield inputOf(document, library, onMessage);
    }
  };
  const imported = { documents: 0, failed: 0 };
  // One request at a time, to preserve the order of the documents.
  for await (const result of handle.ingest(inputs(), { signal, inFlight: 1 })) {
    const id = ids.get(result.line);
    ids.delete(result.line);
    if (result.success) onStored(++imported.documents);
    else {
      imported.failed += 1;
      onMessage(`failed: document ${id === undefined ? "" : shownDocumentId(id)}: ${result.error}`);
    }
  }
  return imported;
}

function inputOf(document: ImportedDocument, library: Library, onMessage: (message: string) => void): DocumentInput {
  const {
    id,
    title_generated: isGenerated,
    author,
    document_type,
    source_url,
    tags,
    metadata,
    expires_at,
    chunks,
  } = document;
  // The server makes the same title again.
  const title = isGenerated ? null : document.title;
  const common = { id, title, author, document_type, source_url, tags, metadata, expires_at };
  const parts = chunks.map((chunk) => ({
    text: chunk.text,
    embedding: chunk.embedding,
    page_number: chunk.page_number,
    metadata: chunk.metadata,
  }));
  const whole = { ...common, chunks: parts };
  if (library.embedding_model === noEmbeddingModel || fitsLine(stringifyExactly(whole))) return whole;
  // It came in as text, so its text fits.
  onMessage(
    `document ${shownDocumentId(id)}: is too large to upload with its vectors, so its texts are embedded again`,
  );
  return {
    ...common,
    chunks: parts.map(({ text, page_number, metadata: own }) => ({ text, page_number, metadata: own })),
  };
}
