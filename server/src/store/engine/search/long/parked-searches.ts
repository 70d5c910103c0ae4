import type { StoreSearch } from "../../../search-store.ts";
import type { DocumentOperations } from "../../documents/document-messages.ts";
import type { Find } from "../../live/live-messages.ts";
import type { SearchThreadRequest } from "../search-messages.ts";
import type { Sample } from "../statistics/recall-sampler.ts";
import type { LongTask } from "./long-searches.ts";

type LongSearchRequest = Extract<SearchThreadRequest, { operation: "search" }>;
export type DocumentRequest = Extract<SearchThreadRequest, { operation: keyof DocumentOperations }>;

export type SearchPageRequest = Extract<SearchThreadRequest, { operation: "searchPage" }>;

/**
 * A long search of a client, a further page of one one of the live thread, one that is repeated to measure recall, or a query of
 * documents. Pages and queries of documents run beside the searches of their library.
 */
export type LongRequest = LongTask &
  (
    | { readonly search: LongSearchRequest }
    | { readonly page: SearchPageRequest }
    | { readonly documents: DocumentRequest }
    | { readonly find: Find }
    | { readonly sample: Sample }
  );

/** The request of a client, if it is one. */
export function clientRequest(request: LongRequest): SearchThreadRequest | undefined {
  if ("search" in request) return request.search;
  if ("page" in request) return request.page;
  return "documents" in request ? request.documents : undefined;
}

export const toLongQuery = (documents: DocumentRequest): LongRequest => ({
  subject: `documents of ${documents.take.libraryId}`,
  caller: documents.take.caller,
  kind: undefined,
  documents,
});

export const toLongPage = (page: SearchPageRequest): LongRequest => ({
  subject: `pages of ${page.take.libraryId}`,
  caller: page.take.caller,
  kind: undefined,
  page,
});

/** Whether it is a vector search that returns hits alone, on one page, and parses none of them. */
export const isPlain = ({ mode, facets, groupBy, pages, include, highlight }: StoreSearch): boolean =>
  (mode === undefined || mode === "vector") &&
  facets === undefined &&
  groupBy === undefined &&
  pages !== true &&
  highlight === undefined &&
  include?.some((name) => name === "embedding" || name.includes(".")) !== true;

export function toLong(search: LongSearchRequest): LongRequest {
  const { libraryId, search: asked } = search.take;
  return {
    subject: libraryId,
    caller: asked.caller,
    kind: isPlain(asked) ? "vector" : undefined,
    search,
  };
}

export const toLongSample = (sample: Sample): LongRequest => ({
  subject: sample.libraryId,
  caller: undefined,
  kind: undefined,
  sample,
});

export const toLongFind = (find: Find): LongRequest => ({
  subject: find.libraryId,
  caller: find.search.caller,
  kind: find.begins ? "begins" : "is filled again",
  find,
});

interface Parked {
  readonly request: LongRequest;
  readonly awaits: () => boolean;
}

/** Searches that wait until their index is loaded, or until the fields of their filters are indexed; both run in slices. */
export class ParkedSearches {
  readonly #isWanted: (request: LongRequest) => boolean;
  #parked: Parked[] = [];

  /** @param isWanted whether the outcome is still wanted; other searches are released at once */
  constructor(isWanted: (request: LongRequest) => boolean) {
    this.#isWanted = isWanted;
  }

  get size(): number {
    return this.#parked.length;
  }

  /** @param awaits whether it has to wait on */
  add(request: LongRequest, awaits: () => boolean): void {
    this.#parked.push({ request, awaits });
  }

  /** Removes and returns all of them. */
  takeAll(): readonly LongRequest[] {
    const all = this.#parked.map(({ request }) => request);
    this.#parked = [];
    return all;
  }

  /** Removes and returns those that need not wait any longer. */
  ready(): readonly LongRequest[] {
    if (this.#parked.length === 0) return [];
    const ready: LongRequest[] = [];
    const waiting: Parked[] = [];
    for (const parked of this.#parked) {
      if (parked.awaits() && this.#isWanted(parked.request)) waiting.push(parked);
      else ready.push(parked.request);
    }
    this.#parked = waiting;
    return ready;
  }
}
