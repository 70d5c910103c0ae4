import type { z } from "zod";
import { protocolVersion } from "../version.ts";
import { accessExamples } from "./access-examples.ts";
import type { namedSchemas, SchemaName } from "./components.ts";
import { webhookExamples } from "./webhook-examples.ts";

const libraryId = "01a2089b-189e-7767-830b-7119c64e1a2e";
const documentId = "01a2089c-5024-7760-8781-b81923e65917";
const chunkId = "01a2089c-5024-7760-8781-bc1f6be7f9f0";
const subscriptionId = "01a2089c-4ffd-73e6-8fb6-1bc166f52efb";
const participantId = "01a2089d-1c52-7e0b-9e56-0f3a1d2c4b5a";
const webhookId = "019fa2d1-0c5e-7b1a-8f0e-6a1d2f3c4b5a";
const time = "2026-11-23T13:33:11.588Z";

/** What a path has in place of its parameters. */
export const parameterExamples: Readonly<Record<string, string>> = {
  library_id: libraryId,
  document_id: documentId,
  key_id: "9f86d081884c7d65",
  webhook_id: webhookId,
  file: "reference.js",
  page: "quick-start",
  image: "console.png",
};

/** Queries and headers as they are sent. */
export const fieldExamples: Readonly<Record<string, unknown>> = {
  limit: 50,
  cursor: "MQ",
  errors_only: true,
  explain: true,
  from_seq: 41,
  events: "document.added,document.deleted",
  metadata_filter: '{"author":"Ada"}',
  "Idempotency-Key": "3f1f2c1e-6d0a-4f5f-9d0c-6a1b2c3d4e5f",
  "Last-Event-ID": "41",
  before: 8,
  vectors: true,
};

const createLibrary = {
  name: "Help centre",
  description: "Articles for customers",
  events: { max_age_seconds: 86_400 },
} as const;

const library = {
  id: libraryId,
  name: "Help centre",
  description: "Articles for customers",
  embedding_model: "builtin",
  dimension: 512,
  language: "en",
  index: { type: "auto" },
  events: { max_age_seconds: 86_400, max_count: null, search_performed: false },
  created_at: "2026-11-23T13:31:51.838Z",
  num_documents: 1,
  num_chunks: 1,
  seq: 2,
} as const;

const text = "Every invoice can be downloaded as a PDF file.";
const documentInput = { title: "Get an invoice", texts: [text], author: "Ada", views: 77 };

const fields = {
  title: "Get an invoice",
  author: "Ada",
  document_type: null,
  source_url: null,
  tags: [],
  metadata: { views: 77 },
};

const documentSummary = { id: documentId, ...fields, num_chunks: 1, created_at: time, updated_at: time, seq: 2 };
const document = {
  ...documentSummary,
  text,
  chunks: [{ id: chunkId, chunk_index: 0, text, page_number: null, metadata: {} }],
};

const exportedChunk = {
  id: chunkId,
  chunk_index: 0,
  text,
  page_number: null,
  metadata: {},
  // Two numbers of the library's many.
  embedding: "mpkZP83MTD8=",
};

const receipt = {
  success: true,
  line: 1,
  document_id: documentId,
  title: "Get an invoice",
  num_chunks: 1,
  seq: 2,
} as const;

const failedLine = {
  success: false,
  line: 2,
  error: "title: is required",
  error_code: "validation_failed",
  field: "title",
  retryable: false,
} as const;

const ingestionTotals = { successful: 1, failed: 1, seq: 2, processing_time_ms: 101 };
const ingestionSummaryLine = { summary: ingestionTotals };

const hit = {
  rank: 1,
  chunk_id: chunkId,
  document_id: documentId,
  distance: 0.2278,
  text,
  metadata: { created_at: time, page_number: null, chunk_index: 0, source_document_id: documentId },
  document: fields,
};
const socketHit = { ...hit, id: chunkId };
const answer = { total: 1, seq: 2, took_ms: 1.083, exact: true };

const event = {
  type: "document.added",
  library_id: libraryId,
  seq: 2,
  timestamp: time,
  data: { ...documentSummary, document_id: documentId },
} as const;

const participant = { participant_id: participantId, name: "Ada", joined_at: time };
const room = { session_id: "room-7", library_id: libraryId };
const sharedSearch = { results: [socketHit], ...answer, query_text: "bill", participant_id: participantId };

const noEvents = { published: 0, delivered: 0 };

const expired = {
  error:
    "from_seq: events after 3 are no longer all kept, only those after 40; load again and resume from the answer's seq",
  error_code: "position_expired",
  field: "from_seq",
  retryable: false,
  earliest_seq: 40,
} as const;

/** What stands in descriptions for values of the schemas; a test holds each against its own. */
export const examples = {
  ...accessExamples,
  CreateLibrary: createLibrary,
  Library: library,
  LibraryList: { libraries: [library], next_cursor: null },
  LibraryDeleted: { deleted: true, id: libraryId, seq: 3 },
  PatchLibrary: { description: null, events: { max_count: 100_000 } },
  LibraryStatistics: {
    library_id: libraryId,
    seq: 20_001,
    num_documents: 20_000,
    num_chunks: 20_000,
    index: {
      settings: { type: "auto" },
      kind: "hnsw",
      effort: 64,
      measured: { recall: 0.994, effort: 64, queries: 192, chunks: 17_210, at: "2026-11-28T09:10:31.004Z" },
      chunks: 20_000,
      pending: 0,
      rebuilding: false,
      memory_bytes: 45_376_000,
      metadata_memory_bytes: 403_067,
    },
    searches: { total: 480, exact: 331, plans: { walk: 149, scan: 271, read: 60 } },
    recall: {
      mean: 0.998,
      minimum: 0.9,
      samples: 100,
      chunks: 20_000,
      oldest: "2026-11-28T09:12:44.120Z",
      newest: "2026-11-28T09:31:02.507Z",
    },
  },
  DocumentInput: documentInput,
  DocumentReference: { document_id: documentId },
  DocumentWritten: { document: documentSummary, seq: 2 },
  DocumentFound: { document, seq: 2 },
  DocumentList: { documents: [documentSummary], next_cursor: null, seq: 2 },
  DocumentDeleted: { deleted: true, document_id: documentId, seq: 3 },
  Receipt: receipt,
  FailedLine: failedLine,
  IngestionResponse: { results: [receipt, failedLine], ...ingestionTotals },
  IngestionSummaryLine: ingestionSummaryLine,
  Search: { query: "how do I get a bill", k: 10, distance_threshold: 0.9, metadata_filter: { author: "Ada" } },
  SearchResponse: { results: [hit], ...answer },
  SearchHit: hit,
  SearchSummaryLine: { summary: answer },
  LibraryEvent: event,
  EventPage: { events: [event], next_from_seq: 2, has_more: false, seq: 2, earliest_seq: 0 },
  EventStatistics: {
    since: "2026-11-23T13:31:50.102Z",
    published: 2,
    delivered: 4,
    by_type: {
      "library.created": noEvents,
      "library.updated": noEvents,
      "library.deleted": noEvents,
      "document.added": { published: 2, delivered: 4 },
      "document.updated": noEvents,
      "document.deleted": noEvents,
      "search.performed": noEvents,
    },
    subscribers: { total: 3, websocket: 1, sse: 1, live_queries: 1, sessions: 0 },
    lag: { max: 0, total: 0, behind: 0 },
    delivery_latency_ms: { count: 4, p50: 1.2, p95: 3.1, p99: 3.1, max: 3.1 },
    live_query_updates: 2,
  },
  StreamEnded: expired,
  StreamPosition: { type: "stream.progress", library_id: libraryId, seq: 9 },
  ServerDescription: { name: "arrwDB", protocol: protocolVersion, libraries: "/v1/libraries" },
  Description: { openapi: "3.1.1", info: { title: "arrwDB", version: protocolVersion } },
  McpMessage: { jsonrpc: "2.0", id: 1, result: { tools: [] } },
  McpRequest: { jsonrpc: "2.0", id: 1, method: "tools/list" },
  McpAnswer: { jsonrpc: "2.0", id: 1, result: { tools: [] } },
  Health: { status: "ok" },
  Readiness: { status: "ready" },
  Problem: {
    type: "urn:arrwdb:error:library_not_found",
    title: "There is no library with this id.",
    status: 404,
    detail: `There is no library ${libraryId}`,
    instance: "urn:arrwdb:request:01a2089b-19ee-76e8-943f-da7d9f19582b",
    request_id: "01a2089b-19ee-76e8-943f-da7d9f19582b",
    code: "library_not_found",
    retryable: false,
  },
  SocketSearch: { query_text: "how do I get a bill", k: 5, threshold: 1.2, metadata_filter: { author: "Ada" } },
  SocketSearchResponse: { results: [socketHit], ...answer },
  Subscribe: { from_seq: 1, events: ["document.added", "document.deleted"], metadata_filter: { author: "Ada" } },
  Subscribed: { subscription_id: subscriptionId, seq: 1, events: ["document.added", "document.deleted"] },
  Unsubscribe: { subscription_id: subscriptionId },
  Unsubscribed: { unsubscribed: true, subscription_id: subscriptionId, seq: 3 },
  Join: { session_id: "room-7", name: "Ada" },
  Joined: {
    session_id: "room-7",
    participant_id: participantId,
    participants: [participant],
    last_search: null,
    seq: 4,
  },
  Leave: { session_id: "room-7" },
  Ping: {},
  Pong: { pong: true, timestamp: "2026-11-28T00:00:00.000Z" },
  Left: { left: true, session_id: "room-7", seq: 4 },
  DeliveredEvent: { ...event, subscription_ids: [subscriptionId] },
  SubscriptionProgress: {
    type: "subscription.progress",
    subscription_id: subscriptionId,
    library_id: libraryId,
    seq: 9,
  },
  SubscriptionEnded: {
    type: "subscription.ended",
    subscription_id: subscriptionId,
    library_id: libraryId,
    error: expired.error,
    error_code: "position_expired",
    retryable: false,
    earliest_seq: 40,
  },
  SearchUpdated: {
    type: "search.updated",
    subscription_id: subscriptionId,
    library_id: libraryId,
    seq: 2,
    entered: [socketHit],
    left: [],
    moved: [],
    results: [socketHit],
    total: 1,
    exact: true,
  },
  SessionSearch: {
    type: "session.search",
    ...room,
    request_id: "s7",
    success: true,
    data: sharedSearch,
    error: null,
  },
  SessionJoined: { type: "session.joined", ...room, participant, num_participants: 2 },
  SessionLeft: { type: "session.left", ...room, participant, num_participants: 1 },
  SessionState: { type: "session.state", ...room, participants: [participant] },
  FailureResponse: {
    type: "response",
    request_id: "s1",
    success: false,
    data: null,
    error: "k: must be at least 1",
    error_code: "validation_failed",
    field: "k",
    retryable: false,
  },
  ...webhookExamples(libraryId, webhookId),
} satisfies { readonly [Name in SchemaName]?: z.input<(typeof namedSchemas)[Name]> };

/** What is shown of a schema, where there is something. */
export function exampleOf(name: SchemaName): unknown {
  const all: { readonly [Name in SchemaName]?: unknown } = examples;
  return all[name];
}

/** What the lines of a stream are, by the schema of each. */
export const lineExamples: { readonly [Name in SchemaName]?: readonly unknown[] } = {
  McpMessage: [{ jsonrpc: "2.0", id: 1, result: { tools: [] } }],
  DocumentInput: [documentInput, { title: "Opening hours", text: "We answer from nine to five." }],
  UploadLine: [receipt, failedLine, ingestionSummaryLine],
  SearchLine: [hit, { summary: answer }],
  StreamedEvent: [event],
  ExportLine: [
    { library },
    { document: { ...documentSummary, chunks: [exportedChunk] } },
    { summary: { documents: 1, chunks: 1, seq: 2 } },
  ],
};
