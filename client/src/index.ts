export type { BackoffSettings } from "./backoff.ts";
export type { DocumentSource } from "./batches.ts";
export { ArrwClient } from "./client.ts";
export type { ConnectionState } from "./connection-states.ts";
export { ArrwClientError, type ClientErrorCode } from "./errors.ts";
export type { EventFeed, EventOptions } from "./event-feed.ts";
export type { IngestOptions } from "./ingestion.ts";
export type { Libraries } from "./libraries.ts";
export type { EventPageOptions, LibraryHandle } from "./library.ts";
export type { LiveOptions, LiveQuery } from "./live-query.ts";
export type { ClientOptions, ListPageOptions, RequestOptions } from "./options.ts";
export type { Room, RoomOptions } from "./room.ts";
export type { RoomMessage, RoomMessages } from "./room-messages.ts";
export type { WebSocketConstructor, WebSocketLike } from "./web-socket.ts";
export type {
  CreateLibrary,
  Document,
  DocumentDeleted,
  DocumentInput,
  DocumentList,
  DocumentSummary,
  DocumentWritten,
  ErrorCode,
  EventPage,
  EventSelection,
  EventStatistics,
  EventType,
  Failure,
  Filter,
  Library,
  LibraryDeleted,
  LibraryEvent,
  LibraryList,
  LineResult,
  LiveQueryInput,
  LiveResults,
  Metadata,
  MetadataScalar,
  MetadataValue,
  Participant,
  Receipt,
  RoomQuery,
  RoomSearchResponse,
  SearchHit,
  SearchQuery,
  SearchResponse,
  SessionJoined,
  SessionLeft,
  SessionSearch,
  SessionState,
  SharedSearch,
  SocketSearchHit,
  UpdateLibrary,
  VectorInput,
} from "./wire.ts";
