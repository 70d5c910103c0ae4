import type { documentsDeletion } from "@arrwdb/protocol/documents/document-deletions";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type {
  documentCountRequest,
  DocumentList,
  documentQueryRequest,
} from "@arrwdb/protocol/documents/document-queries";
import type { documentsPatch } from "@arrwdb/protocol/documents/document-patches";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import { isUnconditional } from "@arrwdb/protocol/filter/unconditional";
import type { DocumentPatchInput } from "@arrwdb/protocol/documents/document-patch";
import type { Document, DocumentInput } from "@arrwdb/protocol/documents/model";
import type { z } from "zod";
import type {
  DeletedSlice,
  DocumentCount,
  DocumentParts,
  NewDocument,
  PatchedDocument,
  PatchedSlice,
  WriteOutcome,
  WrittenDocument,
} from "../../store/document-store.ts";
import type { DocumentSort } from "../../store/document-sort.ts";
import type { Store } from "../../store/store.ts";
import { paired } from "../../util/pair-lists.ts";
import type { Monitor } from "../../telemetry/monitor.ts";
import { inSpan } from "../../telemetry/span.ts";
import { decodeEmbedding } from "./decode-embedding.ts";
import type { LibraryDirectory } from "../libraries/library-directory.ts";
import type { WriteGate } from "../reembedding/write-gate.ts";
import { VectorRenewal } from "./vector-renewal.ts";
import type { Vectorizer } from "./vectorizer.ts";

type ListQuery = z.output<typeof documentQueryRequest>;
type PatchQuery = z.output<typeof documentsPatch>;
type DeletionQuery = z.output<typeof documentsDeletion>;

/** Who writes by filter. */
export interface MatchingContext {
  readonly caller: string;
  readonly signal: AbortSignal;
  /** Throws if the caller may no longer write; called before each slice. */
  readonly checkAllowed: () => void;
}

type CountQuery = z.output<typeof documentCountRequest>;

function checkConfirmed(filter: Filter | null | undefined, confirm: "all" | undefined, what: string): void {
  if (confirm !== undefined || !isUnconditional(filter ?? {})) return;
  const message = `confirm: must be "all", as the filter, or a part of it, is empty and every document would be ${what}`;
  throw new ArrwError("confirmation_required", message, { field: "confirm" });
}

/** What `Documents` works with. */
export interface DocumentsOptions {
  readonly store: Store;
  readonly directory: LibraryDirectory;
  readonly vectorizer: Vectorizer;
  readonly monitor: Monitor;
  /** Where writers wait at times. */
  readonly gate: WriteGate;
}

const never = new AbortController().signal;

/** Turns requests into documents with vectors, and reads and writes them. */
export class Documents {
  readonly #store: Store;
  readonly #directory: LibraryDirectory;
  readonly #vectorizer: Vectorizer;
  readonly #monitor: Monitor;

  readonly #gate: WriteGate;
  readonly #renewal: VectorRenewal;

  constructor({ store, directory, vectorizer, monitor, gate }: DocumentsOptions) {
    this.#gate = gate;
    this.#renewal = new VectorRenewal(store.documents, directory, vectorizer);
    this.#monitor = monitor;
    this.#store = store;
    this.#directory = directory;
    this.#vectorizer = vectorizer;
  }

  /**
   * The document in the store's form: the client's vectors validated, the missing ones computed.
   *
   * @param flow the source of the document, such as one upload; flows are scheduled fairly by the model.
   */
  async prepare(libraryId: string, input: DocumentInput, signal: AbortSignal, flow?: object): Promise<NewDocument> {
    const library = await this.#directory.get(libraryId);
    const given = input.chunks.map((chunk, index) =>
      chunk.embedding === undefined
        ? undefined
        : decodeEmbedding(chunk.embedding, library.dimension, `chunks[${index}].embedding`),
    );
    const missing = input.chunks.flatMap((chunk, index) =>
      given[index] === undefined ? [{ text: chunk.text, field: `chunks[${index}].embedding` }] : [],
    );
    const computed = (await this.#vectorizer.embed(library, missing, { purpose: "document", signal, flow })).values();
    const model = library.embeddingModel;
    return {
      id: input.id,
      title: input.title,
      titleGenerated: input.titleGenerated,
      author: input.author,
      documentType: input.documentType,
      sourceUrl: input.sourceUrl,
      tags: input.tags,
      metadata: input.metadata,
      expiry: input.expiry,
      ifSeq: input.ifSeq,
      chunks: input.chunks.map((chunk, index) => {
        const own = given[index];
        const vector = own ?? computed.next().value;
        if (vector === undefined)
          throw new ArrwError("embedder_failed", "The embedding model returned fewer vectors than texts");
        const { text, page_number: pageNumber = null, metadata = {} } = chunk;
        return { text, pageNumber, metadata, vector, model: own === undefined ? model : undefined };
      }),
    };
  }

  /**
   * Durable and searchable when it resolves.
   *
   * @param checkAllowed throws if the caller may no longer write; called last, as preparation may take long
   */
  async write(libraryId: string, document: NewDocument, checkAllowed: () => void): Promise<WrittenDocument> {
    checkAllowed();
    const [outcome] = await this.writeAll(libraryId, [document]);
    if (outcome !== undefined && "error" in outcome) throw outcome.error;
    if (outcome === undefined || !("value" in outcome)) {
      throw new ArrwError("internal", "The store returned no outcome for the document");
    }
    return outcome.value;
  }

  async writeAll(
    libraryId: string,
    documents: readonly NewDocument[],
    signal: AbortSignal = never,
  ): Promise<readonly WriteOutcome[]> {
    await this.#gate.passed(libraryId);
    const outcomes = await inSpan("commit", { "arrwdb.documents": documents.length }, () =>
      this.#renewal.write(libraryId, documents, signal),
    );
    requireOwn(documents, outcomes);
    const written = outcomes.flatMap((outcome) => ("value" in outcome ? [outcome.value.document.num_chunks] : []));
    const chunks = written.reduce((sum, count) => sum + count, 0);
    if (written.length > 0) this.#monitor.documentsWritten(written.length, chunks);
    return outcomes;
  }

  get(
    libraryId: string,
    documentId: string,
    parts: DocumentParts = {},
  ): Promise<{ readonly document: Document; readonly seq: number }> {
    return this.#store.documents.get(libraryId, documentId, parts);
  }

  /** A page of documents, or those with the given ids. */
  async list(libraryId: string, query: ListQuery, caller: string, signal: AbortSignal): Promise<DocumentList> {
    const { documents } = this.#store;
    if (query.ids !== undefined) {
      const { documents: found, missing, seq } = await documents.find(libraryId, query.ids);
      return { documents: [...found], missing: [...missing], next_cursor: null, seq };
    }
    const { limit, cursor, sort, metadata_filter: filter } = query;
    const listing = { limit, cursor, sort: sortOf(sort), filter: filter ?? undefined, caller };
    const { items, nextCursor, seq } = await documents.list(libraryId, listing, signal);
    return { documents: [...items], next_cursor: nextCursor, seq };
  }

  count(
    libraryId: string,
    { metadata_filter: filter }: CountQuery,
    caller: string,
    signal: AbortSignal,
  ): Promise<DocumentCount> {
    return this.#store.documents.count(libraryId, { filter: filter ?? undefined, caller }, signal);
  }

  /** Deletes in slices, each of which begins when the previous one was taken. @see DocumentStore.deleteMatching */
  async *deleteMatching(
    libraryId: string,
    { metadata_filter: filter, confirm }: DeletionQuery,
    { caller, signal, checkAllowed }: MatchingContext,
  ): AsyncGenerator<DeletedSlice, void> {
    checkConfirmed(filter, confirm, "deleted");
    checkAllowed();
    const selection = { filter: filter ?? undefined, caller };
    for await (const slice of this.#store.documents.deleteMatching(libraryId, selection, signal)) {
      yield slice;
      checkAllowed();
    }
  }

  /** Patches in slices, as `deleteMatching`. */
  async *patchMatching(
    libraryId: string,
    { metadata_filter: filter, confirm, patch }: PatchQuery,
    { caller, signal, checkAllowed }: MatchingContext,
  ): AsyncGenerator<PatchedSlice, void> {
    checkConfirmed(filter, confirm, "patched");
    checkAllowed();
    const { ifSeq: _none, ...fields } = patch;
    const selection = { filter: filter ?? undefined, caller };
    for await (const slice of this.#store.documents.patchMatching(libraryId, selection, fields, signal)) {
      yield slice;
      checkAllowed();
    }
  }

  /** @throws ArrwError as the store does */
  patch(libraryId: string, documentId: string, { ifSeq, ...patch }: DocumentPatchInput): Promise<PatchedDocument> {
    return this.#store.documents.patch(libraryId, documentId, patch, ifSeq);
  }

  delete(libraryId: string, documentId: string, ifSeq?: number): Promise<number> {
    return this.#store.documents.delete(libraryId, documentId, ifSeq);
  }
}

/** A field, or `-field` for descending. */
function sortOf(text: string | undefined): DocumentSort | undefined {
  if (text === undefined) return undefined;
  const descending = text.startsWith("-");
  return { field: descending ? text.slice(1) : text, descending };
}

/** Checks, as far as possible, that each outcome belongs to its document. @throws Error if one does not */
function requireOwn(documents: readonly NewDocument[], outcomes: readonly WriteOutcome[]): void {
  for (const [{ id, uploadLine }, outcome] of paired(documents, outcomes, "The store")) {
    if ("value" in outcome && id !== undefined && outcome.value.document.id !== id) {
      throw new Error(`The store returned document ${outcome.value.document.id} instead of ${id}`);
    }
    if ("replayed" in outcome && outcome.replayed.line !== uploadLine?.line) {
      throw new Error(`The store returned line ${outcome.replayed.line} instead of ${uploadLine?.line}`);
    }
  }
}
