/** Shared values of examples: one library with one document. */

export const libraryId = "01a2089b-189e-7767-830b-7119c64e1a2e";
export const documentId = "01a2089c-5024-7760-8781-b81923e65917";
export const chunkId = "01a2089c-5024-7760-8781-bc1f6be7f9f0";
export const subscriptionId = "01a2089c-4ffd-73e6-8fb6-1bc166f52efb";
export const participantId = "01a2089d-1c52-7e0b-9e56-0f3a1d2c4b5a";
export const webhookId = "019fa2d1-0c5e-7b1a-8f0e-6a1d2f3c4b5a";
export const time = "2026-11-23T13:33:11.588Z";

export const library = {
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

export const text = "Every invoice can be downloaded as a PDF file.";
export const documentInput = { title: "Get an invoice", texts: [text], author: "Ada", views: 77 };

export const documentPatch = { author: null, tags: ["billing"], metadata: { views: 78 }, if_seq: 2 };

export const fields = {
  title: "Get an invoice",
  title_generated: false,
  author: "Ada",
  document_type: null,
  source_url: null,
  tags: [],
  metadata: { views: 77 },
};

export const documentSummary = {
  id: documentId,
  ...fields,
  num_chunks: 1,
  created_at: time,
  updated_at: time,
  expires_at: null,
  seq: 2,
};
export const document = {
  ...documentSummary,
  text,
  chunks: [{ id: chunkId, chunk_index: 0, text, page_number: null, metadata: {} }],
};

export const exportedChunk = {
  id: chunkId,
  chunk_index: 0,
  text,
  page_number: null,
  metadata: {},
  // Two numbers of the library's many.
  embedding: "mpkZP83MTD8=",
};

export const receipt = {
  success: true,
  line: 1,
  document_id: documentId,
  title: "Get an invoice",
  title_generated: false,
  num_chunks: 1,
  seq: 2,
} as const;

export const failedLine = {
  success: false,
  line: 2,
  error: "texts: is required (or text, or chunks): the document has nothing to search",
  error_code: "validation_failed",
  field: "texts",
  retryable: false,
} as const;

export const ingestionTotals = { successful: 1, failed: 1, seq: 2, processing_time_ms: 101 };
export const ingestionSummaryLine = { summary: ingestionTotals };

export const hit = {
  rank: 1,
  chunk_id: chunkId,
  document_id: documentId,
  distance: 0.2278,
  text,
  metadata: { created_at: time, page_number: null, chunk_index: 0, source_document_id: documentId },
  document: fields,
};
export const socketHit = { ...hit, id: chunkId };
export const answer = { total: 1, seq: 2, took_ms: 1.083, exact: true };

export const event = {
  type: "document.added",
  library_id: libraryId,
  seq: 2,
  timestamp: time,
  data: { ...documentSummary, document_id: documentId },
} as const;

export const participant = { participant_id: participantId, name: "Ada", joined_at: time };
export const room = { session_id: "room-7", library_id: libraryId };
export const sharedSearch = { results: [socketHit], ...answer, query_text: "bill", participant_id: participantId };

export const noEvents = { published: 0, delivered: 0 };

export const expired = {
  error:
    "from_seq: some events after 3 have expired, only events after 40 are available; reload the data and resume from its seq",
  error_code: "position_expired",
  field: "from_seq",
  retryable: false,
  earliest_seq: 40,
} as const;

export const facets = {
  author: { values: [{ value: "Ada", count: 1 }], missing: 0, others: 0 },
  views: { values: [{ value: 77, count: 1 }], missing: 0, others: 0 },
};
