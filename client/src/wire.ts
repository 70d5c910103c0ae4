/**
 * Types of the wire, derived from the protocol, under the client's names. Types only: no schemas are bundled with the
 * client, and the build writes these types out in full.
 */
import type { searchFailure } from "@arrwdb/protocol/search/search-batch";
import type { eventSelection } from "@arrwdb/protocol/events/events";
import type { createKeyRequest, keyRevoked } from "@arrwdb/protocol/keys/keys";
import type { SearchUpdated } from "@arrwdb/protocol/websocket/live";
import type { Action, actions } from "@arrwdb/protocol/websocket/messages";
import type { documentCount, documentList, documentQueryRequest } from "@arrwdb/protocol/documents/document-queries";
import type { documentsDeleted } from "@arrwdb/protocol/documents/document-deletions";
import type { documentsPatched } from "@arrwdb/protocol/documents/document-patches";
import type { documentPatch } from "@arrwdb/protocol/documents/document-patch";
import type {
  createLibraryRequest,
  documentDeleted,
  documentInput,
  documentWritten,
  libraryDeleted,
  libraryList,
  patchLibraryRequest,
} from "@arrwdb/protocol/documents/model";
import type { reembedRequest } from "@arrwdb/protocol/documents/reembedding";
import type { FieldValue } from "@arrwdb/protocol/search/facets";
import type { highlight } from "@arrwdb/protocol/search/highlight";
import type {
  liveQueryRequest,
  searchRequest,
  searchResponse,
  RankedHit,
  roomSearchResponse,
  SearchHit,
  SocketSearchHit,
  socketSearchRequest,
} from "@arrwdb/protocol/search/search";
import type { joinResponse, sessionJoined, sessionLeft, sessionState } from "@arrwdb/protocol/websocket/sessions";
import type {
  createWebhookRequest,
  patchWebhookRequest,
  rotateWebhookRequest,
  webhookDeleted,
  webhookDeliveryList,
  webhookList,
} from "@arrwdb/protocol/events/webhooks";
import type { Plain } from "./plain.ts";
import type { z } from "zod";

export type { ErrorCode } from "@arrwdb/protocol/errors/error-table";
export type { EventPage, EventStatistics, EventType, LibraryEvent } from "@arrwdb/protocol/events/events";
export type { Facet, FacetField, Facets, FieldValue, GroupBy } from "@arrwdb/protocol/search/facets";
export type { Highlights } from "@arrwdb/protocol/search/highlight";
export type { HitField } from "@arrwdb/protocol/search/include";
export type { SearchExplanation } from "@arrwdb/protocol/search/explanation";
export type { ExportedDocument, ExportLine, ExportSummary } from "@arrwdb/protocol/documents/export";
export type { Filter } from "@arrwdb/protocol/filter/filter";
export type { ApiKey, Grant, KeyCreated } from "@arrwdb/protocol/keys/keys";
export type { Failure, LineResult, Receipt } from "@arrwdb/protocol/documents/ingestion";
export type { Metadata, MetadataScalar, MetadataValue } from "@arrwdb/protocol/documents/metadata";
export type { Document, DocumentSummary, Library } from "@arrwdb/protocol/documents/model";
export type { FoundHit, RankedHit, SearchHit, SocketRankedHit, SocketSearchHit } from "@arrwdb/protocol/search/search";
export type { Reembedding, ReembeddingState } from "@arrwdb/protocol/documents/reembedding";
export type { LibraryStatistics } from "@arrwdb/protocol/statistics";
export type { Participant, SessionSearch, SharedSearch } from "@arrwdb/protocol/websocket/sessions";
export type { Webhook, WebhookDelivery, WebhookWithSecret } from "@arrwdb/protocol/events/webhooks";

export type CreateLibrary = z.input<typeof createLibraryRequest>;
export type UpdateLibrary = z.input<typeof patchLibraryRequest>;
export type ReembedLibrary = z.input<typeof reembedRequest>;
export type CreateKey = z.input<typeof createKeyRequest>;
export type KeyRevoked = z.output<typeof keyRevoked>;
export type LibraryList = z.output<typeof libraryList>;
export type LibraryDeleted = z.output<typeof libraryDeleted>;

export type CreateWebhook = z.input<typeof createWebhookRequest>;
export type UpdateWebhook = z.input<typeof patchWebhookRequest>;
export type RotateWebhook = z.input<typeof rotateWebhookRequest>;
export type WebhookList = z.output<typeof webhookList>;
export type WebhookDeleted = z.output<typeof webhookDeleted>;
export type WebhookDeliveryList = z.output<typeof webhookDeliveryList>;

export type DocumentPatch = z.input<typeof documentPatch>;
export type DocumentInput = z.input<typeof documentInput>;
export type DocumentQuery = z.input<typeof documentQueryRequest>;
export type DocumentCount = z.output<typeof documentCount>;
export type DocumentList = z.output<typeof documentList>;
export type DocumentWritten = z.output<typeof documentWritten>;
export type DocumentsPatched = z.output<typeof documentsPatched>;
export type DocumentsDeleted = z.output<typeof documentsDeleted>;
export type DocumentDeleted = z.output<typeof documentDeleted>;

/** A vector of the library's dimension: numbers, or base64 of little-endian 32-bit floats. */
export type VectorInput = readonly number[] | Float32Array | string;

type WithVector<Request> = Plain<Omit<Request, "embedding"> & { embedding?: VectorInput | undefined }>;

type Words = "text" | "hybrid";
type HttpSearch = WithVector<Omit<z.input<typeof searchRequest>, "include">>;
type RoomRequest = WithVector<
  Omit<z.input<typeof socketSearchRequest>, "session_id" | "min_seq" | "exact" | "explain" | "include" | "cursor">
>;
/** The fields of a live query but for `include`. */
export type LiveRequest = WithVector<Omit<z.input<typeof liveQueryRequest>, "include">>;

/** Whether, and how, words of the query are marked in hits. */
export type Highlight = z.input<typeof highlight>;

/** Of a query whose hits have all their fields. */
interface WholeHits {
  readonly include?: undefined;
}

/** The fields of a vector search but for `include`. */
export type VectorQuery = Plain<Omit<HttpSearch, "mode"> & { mode?: "vector" | undefined }>;
/** The same of a keyword or hybrid search. */
export type WordsQuery = Plain<Omit<HttpSearch, "mode"> & { mode: Words }>;

/** A vector search: either `query` or `embedding`. */
export type SearchQuery = Plain<VectorQuery & WholeHits>;
/** A keyword or hybrid search: `query`, and for hybrid search in a library without a model also `embedding`. */
export type RankedQuery = Plain<WordsQuery & WholeHits>;
export type AnyQuery = SearchQuery | RankedQuery;
export type Unpaged = "pages" | "cursor" | "group_by";
/** A vector search whose hits are read in pages of `k`, 100 by default. */
export type PagedQuery = Plain<Omit<SearchQuery, Unpaged>>;
/** The same of a keyword or hybrid search. */
export type RankedPagedQuery = Plain<Omit<RankedQuery, Unpaged>>;
/** The same of any mode. */
export type AnyPagedQuery = PagedQuery | RankedPagedQuery;
export type RankedSearchResponse = Plain<
  Omit<z.output<typeof searchResponse>, "results" | "groups"> & {
    results: RankedHit[];
    groups?: HitGroup[] | undefined;
  }
>;
export type SearchResponse = Plain<
  Omit<RankedSearchResponse, "results" | "groups"> & {
    results: SearchHit[];
    groups?: HitGroup<SearchHit>[] | undefined;
  }
>;
/** The best hits among the chunks with one value of a field, null for chunks without one. */
export interface HitGroup<Hit = RankedHit> {
  value: FieldValue | null;
  results: Hit[];
}
/** A live query: either `query_text` or `embedding`. */
export type LiveQueryInput = Plain<LiveRequest & WholeHits>;
/** A search in a room, of any mode. */
export type RoomQuery = RoomRequest;
export type SearchFailure = z.output<typeof searchFailure>;
export type RoomSearchResponse = z.output<typeof roomSearchResponse>;

export type EventSelection = z.input<typeof eventSelection>;

/** The results of a live query at one position, and how they differ from the previous ones. */
export type LiveResults = Plain<
  Omit<SearchUpdated, "type" | "subscription_id" | "library_id" | "entered" | "results" | "groups"> & {
    entered: SocketSearchHit[];
    results: SocketSearchHit[];
    groups?: HitGroup<SocketSearchHit>[] | undefined;
  }
>;
/** A hit of a live query, any of whose chosen fields may be absent. */
export type LiveHit = SearchUpdated["results"][number];

export type SessionJoined = z.output<typeof sessionJoined>;
export type SessionLeft = z.output<typeof sessionLeft>;
export type SessionState = z.output<typeof sessionState>;
export type RoomState = z.output<typeof joinResponse>;

export type ActionInput<Name extends Action> = z.input<(typeof actions)[Name]["request"]>;
