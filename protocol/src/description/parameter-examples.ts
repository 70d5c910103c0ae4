import { documentId, libraryId, webhookId } from "./schemas/example-values.ts";

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
  sort: "-created_at",
  id: [documentId],
  "Idempotency-Key": "3f1f2c1e-6d0a-4f5f-9d0c-6a1b2c3d4e5f",
  "Last-Event-ID": "41",
  before: 8,
  vectors: true,
  if_seq: 2,
};
