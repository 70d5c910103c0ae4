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
import type { Metadata } from "@arrwdb/protocol/documents/metadata";
import type { reembedRequest } from "@arrwdb/protocol/documents/reembedding";
import type { FieldValue } from "@arrwdb/protocol/search/facets";
import type { highlight } from "@arrwdb/protocol/search/highlight";
import type { HitField } from "@arrwdb/protocol/search/include";
import type {
  FoundHit,
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

/** The type with all its fields expanded, for editors. */
type Plain<Fields> = Fields extends unknown ? { [Name in keyof Fields]: Fields[Name] } : never;
type WithVector<Request> = Plain<Omit<Request, "embedding"> & { embedding?: VectorInput | undefined }>;

type Words = "text" | "hybrid";
type HttpSearch = WithVector<Omit<z.input<typeof searchRequest>, "include">>;
type RoomRequest = WithVector<
  Omit<z.input<typeof socketSearchRequest>, "session_id" | "min_seq" | "exact" | "explain" | "include" | "cursor">
>;
type LiveRequest = WithVector<Omit<z.input<typeof liveQueryRequest>, "include">>;

/** Whether, and how, words of the query are marked in hits. */
export type Highlight = z.input<typeof highlight>;

type HitDocument = SearchHit["document"];
type ChosenField = "text" | "metadata" | "own_metadata" | "document" | "embedding";

/** The fields of the document that are named, of which the metadata may be a part. */
type DocumentField<Name> = Name extends `document.${infer Inside}`
  ? Inside extends keyof HitDocument
    ? Inside
    : Inside extends `metadata.${string}`
      ? "metadata"
      : never
  : never;

type If<Condition extends boolean, Fields> = Condition extends true ? Fields : unknown;
type Has<Name, Names> = Name extends Names ? true : false;
type HasSome<Names> = [Names] extends [never] ? false : true;

type NamedFields<Hit extends FoundHit, Name extends string> = If<Has<"text", Name>, Pick<Hit, "text">> &
  ("metadata" extends Name
    ? Pick<Hit, "metadata">
    : If<HasSome<Extract<Name, `metadata.${string}`>>, { metadata: Metadata }>) &
  If<HasSome<Extract<Name, `own_metadata${string}`>>, Pick<Hit, "own_metadata">> &
  ("document" extends Name
    ? Pick<Hit, "document">
    : If<HasSome<DocumentField<Name>>, { document: Pick<HitDocument, DocumentField<Name>> }>) &
  If<Has<"embedding", Name>, { embedding: string }>;

/** A hit with the fields that `include` names; each may be absent if the names are not known when compiling. */
export type HitWith<Hit extends FoundHit, Names extends readonly HitField[]> = Plain<
  Omit<Hit, ChosenField> &
    (number extends Names["length"] ? Pick<FoundHit, ChosenField> : NamedFields<Hit, Names[number]>)
>;

/** Of a query whose hits have all their fields. */
interface WholeHits {
  readonly include?: undefined;
}

/** Of a query whose hits have chosen fields. */
interface Including<Names extends readonly HitField[]> {
  /** The fields of hits, besides those that identify them. */
  readonly include: Names;
}

type VectorQuery = Plain<Omit<HttpSearch, "mode"> & { mode?: "vector" | undefined }>;
type WordsQuery = Plain<Omit<HttpSearch, "mode"> & { mode: Words }>;

/** A vector search: either `query` or `embedding`. */
export type SearchQuery = Plain<VectorQuery & WholeHits>;
/** A keyword or hybrid search: `query`, and for hybrid search in a library without a model also `embedding`. */
export type RankedQuery = Plain<WordsQuery & WholeHits>;
export type AnyQuery = SearchQuery | RankedQuery;
type Unpaged = "pages" | "cursor" | "group_by";
/** A vector search whose hits are read in pages of `k`, 100 by default. */
export type PagedQuery = Plain<Omit<SearchQuery, Unpaged>>;
/** The same of any mode. */
export type AnyPagedQuery = PagedQuery | Plain<Omit<RankedQuery, Unpaged>>;
/** The same with `include`. */
export type ChosenPagedQuery<Names extends readonly HitField[]> = (
  | Omit<VectorQuery, Unpaged>
  | Omit<WordsQuery, Unpaged>
) &
  Including<Names>;
/** The same with `include`. */
export type ChosenSearchQuery<Names extends readonly HitField[]> = VectorQuery & Including<Names>;
export type ChosenRankedQuery<Names extends readonly HitField[]> = (VectorQuery | WordsQuery) & Including<Names>;
/** A search whose `include` is not known when compiling. */
export type AnyChosenQuery = (VectorQuery | WordsQuery) & { readonly include?: readonly HitField[] | undefined };
type AnswerWith<Hit> = Plain<
  Omit<z.output<typeof searchResponse>, "results" | "groups"> & {
    results: Hit[];
    groups?: HitGroup<Hit>[] | undefined;
  }
>;
export type RankedSearchResponse<Hit = RankedHit> = AnswerWith<Hit>;
export type SearchResponse<Hit = SearchHit> = AnswerWith<Hit>;
/** The best hits among the chunks with one value of a field, null for chunks without one. */
export interface HitGroup<Hit = RankedHit> {
  value: FieldValue | null;
  results: Hit[];
}
/** A live query: either `query_text` or `embedding`. */
export type LiveQueryInput = Plain<LiveRequest & WholeHits>;
/** The same with `include`. */
export type ChosenLiveQuery<Names extends readonly HitField[]> = LiveRequest & Including<Names>;
export type AnyLiveQuery = LiveRequest & { readonly include?: readonly HitField[] | undefined };
/** A search in a room, of any mode. */
export type RoomQuery = RoomRequest;
export type SearchFailure = z.output<typeof searchFailure>;
export interface SearchBatchResponse<Hit = RankedHit> {
  /** In the order of the searches. */
  readonly answers: readonly (RankedSearchResponse<Hit> | SearchFailure)[];
}
export type RoomSearchResponse = z.output<typeof roomSearchResponse>;

export type EventSelection = z.input<typeof eventSelection>;

/** The results of a live query at one position, and how they differ from the previous ones. */
export type LiveResults<Hit = SocketSearchHit> = Plain<
  Omit<SearchUpdated, "type" | "subscription_id" | "library_id" | "entered" | "results" | "groups"> & {
    entered: Hit[];
    results: Hit[];
    groups?: HitGroup<Hit>[] | undefined;
  }
>;
/** A hit of a live query, any of whose chosen fields may be absent. */
export type LiveHit = SearchUpdated["results"][number];

export type SessionJoined = z.output<typeof sessionJoined>;
export type SessionLeft = z.output<typeof sessionLeft>;
export type SessionState = z.output<typeof sessionState>;
export type RoomState = z.output<typeof joinResponse>;

export type ActionInput<Name extends Action> = z.input<(typeof actions)[Name]["request"]>;
