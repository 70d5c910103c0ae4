import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type {
  DocumentListing,
  DocumentParts,
  DocumentPatch,
  DocumentSelection,
  DocumentStore,
  NewDocument,
  PatchedDocument,
  WriteOutcome,
} from "../document-store.ts";
import { deletedSlices, type MatchDocuments, patchedSlices } from "../embedded/writing/document-slices.ts";
import type { Writer } from "../embedded/writing/writer.ts";
import type { Page } from "../page.ts";
import type { LibraryReads } from "./library-reads.ts";
import type { LibraryNeeds, NeededLine } from "./log/library-needs.ts";
import { checkLibraryId } from "./log/positions.ts";
import type { LogWriter } from "./log/log-writer.ts";

/** Documents: written to PostgreSQL, read from the replica. */
export class PostgresDocumentStore implements DocumentStore {
  readonly #writer: LogWriter;
  readonly #reads: LibraryReads;

  constructor(writer: LogWriter, reads: LibraryReads) {
    this.#writer = writer;
    this.#reads = reads;
  }

  async write(libraryId: string, documents: readonly NewDocument[]): Promise<readonly WriteOutcome[]> {
    checkLibraryId(libraryId);
    if (documents.length === 0) return [];
    return this.#writer.write(libraryId, {
      needs: { ids: documents.flatMap(({ id }) => id ?? []), lines: documents.flatMap(lineOf) },
      documents: documents.length,
      bytes: documents.reduce((sum, document) => sum + bytesOf(document), 0),
      decide: (writer) => writer.writeDocuments(libraryId, documents),
    });
  }

  async patch(libraryId: string, documentId: string, patch: DocumentPatch, ifSeq?: number): Promise<PatchedDocument> {
    const needs = { ids: [documentId], firstTexts: patch.title === null };
    return this.#change(libraryId, needs, (writer) => writer.patchDocument({ libraryId, documentId, patch, ifSeq }));
  }

  async delete(libraryId: string, documentId: string, ifSeq?: number): Promise<number> {
    return this.#change(libraryId, { ids: [documentId] }, (writer) =>
      writer.deleteDocument(libraryId, documentId, ifSeq),
    );
  }

  deleteMatching(libraryId: string, selection: DocumentSelection, signal?: AbortSignal) {
    return deletedSlices({
      ...this.#matching(libraryId, selection, signal),
      write: (seqs) => this.#change(libraryId, { seqs }, (writer) => writer.deleteDocuments(libraryId, seqs)),
    });
  }

  patchMatching(libraryId: string, selection: DocumentSelection, patch: DocumentPatch, signal?: AbortSignal) {
    return patchedSlices({
      ...this.#matching(libraryId, selection, signal),
      write: (seqs) =>
        this.#change(libraryId, { seqs, firstTexts: patch.title === null }, (writer) =>
          writer.patchDocuments({ libraryId, seqs, patch }),
        ),
    });
  }

  get(libraryId: string, documentId: string, parts?: DocumentParts) {
    return this.#reads.read(libraryId, ({ documents }) => documents.get(libraryId, documentId, parts));
  }

  list(libraryId: string, listing: DocumentListing, signal?: AbortSignal): Promise<Page<DocumentSummary>> {
    return this.#reads.read(libraryId, ({ documents }) => documents.list(libraryId, listing, signal));
  }

  find(libraryId: string, ids: readonly string[]) {
    return this.#reads.read(libraryId, ({ documents }) => documents.find(libraryId, ids));
  }

  count(libraryId: string, selection: DocumentSelection, signal?: AbortSignal) {
    return this.#reads.read(libraryId, ({ documents }) => documents.count(libraryId, selection, signal));
  }

  #matching(libraryId: string, selection: DocumentSelection, signal: AbortSignal | undefined) {
    const match: MatchDocuments = (matching, abort) =>
      this.#reads.read(libraryId, ({ documents }) => documents.match(matching, abort));
    return { libraryId, selection, signal, match };
  }

  async #change<Value>(libraryId: string, needs: LibraryNeeds, decide: (writer: Writer) => Value): Promise<Value> {
    checkLibraryId(libraryId);
    return this.#writer.write(libraryId, { needs, documents: needs.seqs?.length ?? 1, bytes: 0, decide });
  }
}

function lineOf({ uploadId, uploadLine, id }: NewDocument): NeededLine[] {
  if (uploadId === undefined || uploadLine === undefined) return [];
  return [{ upload: uploadId, line: uploadLine.line, documentId: id }];
}

const bytesOf = ({ chunks }: NewDocument): number =>
  chunks.reduce((sum, { text, vector }) => sum + text.length + vector.byteLength, 0);
