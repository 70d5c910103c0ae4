/**
 * The published limits of the wire. They bound what one request may cost before it is read,
 * so every check against them comes before the work that it protects.
 */
export const limits = {
  /** Bytes of one NDJSON line, and of one WebSocket message. */
  lineBytes: 16 * 1024 * 1024,
  /** Consecutive refused lines of an upload, after which the rest is not read. */
  badLinesInARow: 10_000,
  /** Bytes that a compressed upload may hold, and so many times its own size on top of them. */
  decodedBytes: 64 * 1024 * 1024,
  decodedRatio: 1_000,
  /** Bytes of one JSON request body other than a stream. */
  bodyBytes: 16 * 1024 * 1024,
  /** Bytes of a JSON body that is read without a key. */
  anonymousBodyBytes: 4 * 1024,
  /** Bytes of a document's id in UTF-8. */
  documentIdBytes: 512,
  /** Characters of a title, author, document type, URL or a library's name. */
  shortText: 2_000,
  /** Characters of a library's description. */
  description: 10_000,
  /** Characters of one chunk's text. */
  chunkText: 100_000,
  /** Chunks of one document. */
  chunksPerDocument: 10_000,
  tagsPerDocument: 1_000,
  tagLength: 200,
  /** Levels of nesting in metadata: its own object, and each object and list inside. */
  metadataDepth: 32,
  /** Values in one document's or chunk's metadata, counted over all levels. */
  metadataValues: 1_000,
  /** Characters in one document's or chunk's metadata, names and texts together; each hit carries them. */
  metadataCharacters: 65_536,
  metadataKeyLength: 200,
  metadataTextLength: 10_000,
  /** Digits of a whole number in metadata and filters. */
  integerDigits: 100,
  /** Levels of `$and`, `$or` and `$not` in a filter. */
  filterDepth: 8,
  /** Conditions in one filter. */
  filterConditions: 256,
  /** Values of one `$in` or `$nin`. */
  filterListLength: 1_000,
  /** Seconds after which a document may expire. */
  ttlSeconds: 100 * 365 * 24 * 60 * 60,
  dimension: 8_192,
  /** Characters of text and metadata in one search response. */
  answerCharacters: 64 * 1024 * 1024,
  /** Hits of one search. */
  k: 1_000,
  /** Fields whose values one search counts, values listed of each, and characters of a field's path. */
  facetFields: 10,
  facetValues: 1_000,
  /** Hits of one group. */
  groupHits: 100,
  fieldPath: 2_000,
  /** Hits on all pages of one search, and characters of a cursor. */
  rankedHits: 10_000,
  searchCursor: 200,
  /** Fields in the `include` of a search. */
  includedFields: 32,
  /** Characters of a mark before or after a highlighted word; fragments of a field, and their characters. */
  markLength: 100,
  fragments: 20,
  leastFragment: 20,
  greatestFragment: 10_000,
  /** Searches of one request. */
  searchesPerBatch: 100,
  queryText: 10_000,
  pageSize: 1_000,
  /** Characters of a cursor of a list of documents, which may hold the value that they are sorted by. */
  listCursor: 4_000,
  requestIdLength: 256,
  /** Characters of `traceparent` and of `tracestate`. */
  traceContextLength: 512,
  /** Concurrent requests of one WebSocket connection; further ones wait in the socket. */
  requestsPerConnection: 64,
  /** Event subscriptions and live queries together. */
  subscriptionsPerConnection: 1_000,
  /** Live queries over all connections to one server. */
  liveQueries: 50_000,
  /** Those of them with facets, groups, highlights or vectors. */
  countingLiveQueries: 1_000,
  /** Rooms that one connection may join. */
  sessionsPerConnection: 100,
  participantsPerSession: 1_000,
  sessionIdLength: 256,
  participantName: 200,
  /** Milliseconds that a search waits for its `min_seq`. */
  minSeqWait: 5_000,
  /** Events of one JSON page. */
  eventPage: 1_000,
  /**
   * Bytes unread by a connection's client before events, live queries and rooms are held back, and its requests are no
   * longer read.
   */
  congestedBytes: 512 * 1024,
  /** Bytes unread by a connection's client, besides the message added last, before it is disconnected. */
  waitingBytes: 8 * 1024 * 1024,
  /** Bytes of events while a subscriber reads nothing, before its subscription ends and it must resume. */
  eventBacklogBytes: 8 * 1024 * 1024,
  idempotencyKeyLength: 255,
  /** Seconds that the receipts of an upload with an `Idempotency-Key` are kept. */
  idempotencySeconds: 24 * 60 * 60,
  /** Bounds of a library's `events.max_age_seconds` and `events.max_count`. */
  eventAgeSeconds: 10 * 365 * 24 * 60 * 60,
  eventCount: 1_000_000_000,
  /** API keys of one server. */
  keys: 10_000,
  keyName: 200,
  /** Characters of a key. */
  keyLength: 256,
  /** Libraries to which one key may be limited. */
  librariesPerKey: 1_000,
  /** Entries of the audit log; the oldest ones are deleted. */
  auditEntries: 100_000,
  /** Seconds that a browser is signed in. */
  browserSessionSeconds: 12 * 60 * 60,
  /** Webhooks of one library, and of all libraries of one server. */
  webhooksPerLibrary: 100,
  webhooks: 10_000,
  /** Seconds that a secret which was replaced may go on to sign. */
  webhookOverlapSeconds: 7 * 24 * 60 * 60,
  /** Concurrently valid signing secrets; the oldest one is dropped first. */
  webhookSecrets: 4,
  /** Attempts that are kept of each webhook. */
  webhookDeliveries: 500,
  /** Characters stored of an attempt's error, and of its response. */
  webhookDeliveryText: 500,
} as const;
