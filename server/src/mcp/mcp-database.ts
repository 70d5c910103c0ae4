import type { EventPage, EventType } from "@arrwdb/protocol/events/events";
import type { documentPatch } from "@arrwdb/protocol/documents/document-patch";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { Document, documentInput, documentWritten, Library, libraryList } from "@arrwdb/protocol/documents/model";
import type { documentList, documentQueryRequest } from "@arrwdb/protocol/documents/document-queries";
import type { FoundSearchHit, liveQueryRequest, searchRequest, SearchResponse } from "@arrwdb/protocol/search/search";
import type { z } from "zod";

export interface ListPage {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface EventWish {
  /** The position after which events are meant. */
  readonly from_seq: number;
  /** Default is all types. */
  readonly events?: EventType[] | undefined;
  readonly metadata_filter?: Filter | undefined;
}

export interface HitsChange {
  readonly entered: readonly FoundSearchHit[];
  readonly left: readonly { readonly chunk_id: string; readonly document_id: string }[];
  readonly seq: number;
}

/** A live query that runs until its signal aborts. */
export interface McpLiveQuery {
  readonly first: { readonly results: readonly FoundSearchHit[]; readonly seq: number };
  /** Resolves with the first change of the hits. Rejects with the signal's reason, or why it cannot go on. */
  readonly changed: Promise<HitsChange>;
}

/**
 * The database as the tools see it: the core of this process, or a remote server. Arguments are in wire form, and
 * validated by the database. Each method rejects with an error that has a `code`, or with the signal's reason.
 */
export interface McpDatabase {
  libraries(page: ListPage, signal: AbortSignal): Promise<z.output<typeof libraryList>>;
  library(id: string, signal: AbortSignal): Promise<Library>;
  /** The id of the library with this id or name. */
  libraryId(named: string, signal: AbortSignal): Promise<string>;
  documents(
    libraryId: string,
    query: z.input<typeof documentQueryRequest>,
    signal: AbortSignal,
  ): Promise<z.output<typeof documentList>>;
  document(libraryId: string, documentId: string, signal: AbortSignal): Promise<Document>;
  /** Durable and searchable when it resolves. */
  add(
    libraryId: string,
    document: z.input<typeof documentInput>,
    signal: AbortSignal,
  ): Promise<z.output<typeof documentWritten>>;
  /** Durable and visible to searches when it resolves. */
  patch(
    libraryId: string,
    documentId: string,
    patch: z.input<typeof documentPatch>,
    signal: AbortSignal,
  ): Promise<z.output<typeof documentWritten>>;
  search(libraryId: string, request: z.input<typeof searchRequest>, signal: AbortSignal): Promise<SearchResponse>;
  events(libraryId: string, wish: EventWish, limit: number, signal: AbortSignal): Promise<EventPage>;
  /** Resolves when there is an event that is wished for. */
  eventAfter(libraryId: string, wish: EventWish, signal: AbortSignal): Promise<void>;
  watch(libraryId: string, query: z.input<typeof liveQueryRequest>, signal: AbortSignal): Promise<McpLiveQuery>;
}
