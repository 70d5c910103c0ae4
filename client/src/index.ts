export type { BackoffSettings } from "./connection/backoff.ts";
export type { DocumentSource } from "./ingestion/batches.ts";
export { ArrwClient } from "./client.ts";
export type { ConnectionState } from "./connection/connection-states.ts";
export { ArrwClientError, type ClientErrorCode } from "./errors.ts";
export type { EventFeed, EventOptions } from "./subscriptions/event-feed.ts";
export type { IngestOptions } from "./ingestion/ingestion.ts";
export { parseJson, stringifyJson } from "./json.ts";
export type {
  DeleteMatchingOptions,
  DeletionProgress,
  PatchMatchingOptions,
  PatchProgress,
} from "./requests/matching.ts";
export type { Keys } from "./requests/keys.ts";
export type { Libraries } from "./requests/libraries.ts";
export type { LibraryHandle } from "./library.ts";
export type {
  DeleteOptions,
  DocumentOptions,
  DocumentPageOptions,
  DocumentsOptions,
  EventPageOptions,
  SearchOptions,
} from "./library-options.ts";
export type { LiveOptions, LiveQuery } from "./subscriptions/live-query.ts";
export type { ClientOptions, ListPageOptions, RequestOptions } from "./options.ts";
export type { ReembeddingOptions, Reembeddings } from "./requests/reembeddings.ts";
export type { Room, RoomOptions } from "./rooms/room.ts";
export type { RoomMessage, RoomMessages } from "./rooms/room-messages.ts";
export type { WebSocketConstructor, WebSocketLike } from "./connection/web-socket.ts";
export type { Webhooks } from "./requests/webhooks.ts";
export type { AnswerWith, LiveResultsWith, HitWith, SearchBatchResponse } from "./chosen-hits.ts";
export type {
  ApiKey,
  CreateKey,
  CreateLibrary,
  CreateWebhook,
  Document,
  DocumentCount,
  DocumentDeleted,
  DocumentInput,
  DocumentPatch,
  DocumentList,
  DocumentQuery,
  DocumentsDeleted,
  DocumentsPatched,
  DocumentSummary,
  DocumentWritten,
  ErrorCode,
  EventPage,
  EventSelection,
  EventStatistics,
  EventType,
  ExportedDocument,
  ExportLine,
  ExportSummary,
  Facet,
  FacetField,
  Facets,
  Failure,
  FieldValue,
  Filter,
  FoundHit,
  Grant,
  GroupBy,
  Highlight,
  Highlights,
  HitField,
  HitGroup,
  KeyCreated,
  KeyRevoked,
  Library,
  LibraryDeleted,
  LibraryEvent,
  LibraryList,
  LibraryStatistics,
  LineResult,
  LiveHit,
  LiveQueryInput,
  LiveResults,
  Metadata,
  MetadataScalar,
  MetadataValue,
  Participant,
  RankedHit,
  RankedQuery,
  PagedQuery,
  AnyPagedQuery,
  RankedSearchResponse,
  Receipt,
  Reembedding,
  ReembeddingState,
  ReembedLibrary,
  RoomQuery,
  RoomSearchResponse,
  RotateWebhook,
  SearchExplanation,
  SearchHit,
  SearchQuery,
  SearchFailure,
  SearchResponse,
  SessionJoined,
  SessionLeft,
  SessionSearch,
  SessionState,
  SharedSearch,
  SocketRankedHit,
  SocketSearchHit,
  UpdateLibrary,
  UpdateWebhook,
  VectorInput,
  Webhook,
  WebhookDeleted,
  WebhookDelivery,
  WebhookWithSecret,
} from "./wire.ts";
