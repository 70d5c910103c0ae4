import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type {
  DeletedSlice,
  DocumentListing,
  DocumentParts,
  DocumentPatch,
  DocumentSelection,
  DocumentStore,
  NewDocument,
  PatchedDocument,
  PatchedSlice,
  WriteOutcome,
} from "../document-store.ts";
import { inSlices } from "../embedded/writing/document-slices.ts";
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

  async *deleteMatching(
    libraryId: string,
    selection: DocumentSelection,
    signal?: AbortSignal,
  ): AsyncGenerator<DeletedSlice, void> {
    let deleted = 0;
    const write = (seqs: readonly number[]) =>
      this.#change(libraryId, { seqs }, (writer) => writer.deleteDocuments(libraryId, seqs));
    for await (const { done, seq } of this.#inSlices(libraryId, selection, signal, write)) {
      deleted += done?.deleted ?? 0;
      yield { deleted, seq };
    }
  }

  async *patchMatching(
    libraryId: string,
    selection: DocumentSelection,
    patch: DocumentPatch,
    signal?: AbortSignal,
  ): AsyncGenerator<PatchedSlice, void> {
    let patched = 0;
    let failed = 0;
    const write = (seqs: readonly number[]) =>
      this.#change(libraryId, { seqs, firstTexts: patch.title === null }, (writer) =>
        writer.patchDocuments({ libraryId, seqs, patch }),
      );
    for await (const { done, seq } of this.#inSlices(libraryId, selection, signal, write)) {
      patched += done?.patched ?? 0;
      failed += done?.failed ?? 0;
      yield { patched, failed, seq };
    }
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

  #inSlices<Done extends { readonly taken: number; readonly seq: number }>(
    libraryId: string,
    selection: DocumentSelection,
    signal: AbortSignal | undefined,
    write: (seqs: readonly number[]) => Promise<Done>,
  ) {
    return inSlices({
      libraryId,
      selection,
      signal,
      write,
      match: (matching, abort) => this.#reads.read(libraryId, ({ documents }) => documents.match(matching, abort)),
    });
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
