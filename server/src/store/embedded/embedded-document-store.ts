import { fromErrorData } from "../engine/threads/error-data.ts";
import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type {
  DocumentListing,
  DocumentParts,
  DocumentPatch,
  DocumentSelection,
  DocumentStore,
  NewDocument,
  WriteOutcome,
} from "../document-store.ts";
import type { Page } from "../page.ts";
import type { StoreThreads } from "./store-threads.ts";
import type { DocumentMatching } from "../engine/documents/document-messages.ts";
import { deletedSlices, type MatchDocuments, patchedSlices } from "./writing/document-slices.ts";
import { inPortions } from "./writing/write-portions.ts";

/** Documents through the writing thread, with a limited number of chunks per transaction. */
export class EmbeddedDocumentStore implements DocumentStore {
  readonly #threads: StoreThreads;

  constructor(threads: StoreThreads) {
    this.#threads = threads;
  }

  async write(libraryId: string, documents: readonly NewDocument[]): Promise<readonly WriteOutcome[]> {
    const outcomes = await inPortions(documents, (portion) =>
      this.#threads.writer.call("writeDocuments", { libraryId, documents: portion }),
    );
    return outcomes.map((outcome) => ("error" in outcome ? { error: fromErrorData(outcome.error) } : outcome));
  }

  patch(libraryId: string, documentId: string, patch: DocumentPatch, ifSeq?: number) {
    return this.#threads.writer.call("patchDocument", { libraryId, documentId, patch, ifSeq });
  }

  delete(libraryId: string, documentId: string, ifSeq?: number) {
    return this.#threads.writer.call("deleteDocument", { libraryId, documentId, ifSeq });
  }

  deleteMatching(libraryId: string, selection: DocumentSelection, signal?: AbortSignal) {
    return deletedSlices({
      ...this.#matching(libraryId, selection, signal),
      write: (seqs) => this.#threads.writer.call("deleteDocuments", { libraryId, seqs }),
    });
  }

  patchMatching(libraryId: string, selection: DocumentSelection, patch: DocumentPatch, signal?: AbortSignal) {
    return patchedSlices({
      ...this.#matching(libraryId, selection, signal),
      write: (seqs) => this.#threads.writer.call("patchDocuments", { libraryId, seqs, patch }),
    });
  }

  #matching(libraryId: string, selection: DocumentSelection, signal: AbortSignal | undefined) {
    const match: MatchDocuments = (matching, abort) => this.match(matching, abort);
    return { libraryId, selection, signal, match };
  }

  /** Selects documents by the positions of their last writes. */
  match(matching: DocumentMatching & { readonly libraryId: string }, signal: AbortSignal | undefined) {
    return this.#threads.searcher.call("matchDocuments", matching, signal);
  }

  get(libraryId: string, documentId: string, { vectors = false }: DocumentParts = {}) {
    const read = () => this.#threads.writer.call("getDocument", { libraryId, documentId, vectors });
    return this.#threads.expiry.readSome(libraryId, read, ({ document }) => [document]);
  }

  /** Without a filter or an order it needs no index, and the writing thread reads the page. */
  list(libraryId: string, listing: DocumentListing, signal?: AbortSignal): Promise<Page<DocumentSummary>> {
    const { filter, sort, limit, cursor } = listing;
    if (filter === undefined && sort === undefined) {
      const page = { limit, cursor };
      return this.#read(libraryId, () => this.#threads.writer.call("listDocuments", { libraryId, page }));
    }
    return this.#read(libraryId, () => this.#threads.searcher.call("listDocuments", { ...listing, libraryId }, signal));
  }

  find(libraryId: string, ids: readonly string[]) {
    const read = () => this.#threads.writer.call("findDocuments", { libraryId, ids });
    return this.#threads.expiry.readSome(libraryId, read, ({ documents }) => documents);
  }

  count(libraryId: string, selection: DocumentSelection, signal?: AbortSignal) {
    return this.#read(libraryId, () =>
      this.#threads.searcher.call("countDocuments", { ...selection, libraryId }, signal),
    );
  }

  #read<Value>(libraryId: string, read: () => Promise<Value>): Promise<Value> {
    return this.#threads.expiry.read(libraryId, read);
  }
}
