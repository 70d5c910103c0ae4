import { expect, it } from "vitest";
import { type FilterSource, filterRecord } from "./filter-record.ts";

const source: FilterSource = {
  documentId: "d",
  title: "T",
  author: null,
  documentType: null,
  sourceUrl: null,
  tags: [],
  documentMetadata: {},
  chunkMetadata: {},
  chunkIndex: 2,
  pageNumber: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-02T00:00:00.000Z",
  expiresAt: null,
};

it("has the server's fields, but none that the document has not", () => {
  expect(filterRecord(source)).toEqual({
    server: {
      title: "T",
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-02T00:00:00.000Z",
      chunk_index: 2,
      source_document_id: "d",
    },
    metadata: {},
  });
});

it("keeps apart what the server and what the user calls by one name, and puts the chunk's metadata over the document's", () => {
  const custom = {
    author: "custom",
    source_url: "custom",
    tags: "custom",
    title: "custom",
    expires_at: "custom",
    a: 1,
    b: 1,
  };
  const chunkMetadata = JSON.parse('{"b": 2, "c": 2, "__proto__": 3, "page_number": "iv"}');
  const given = {
    ...source,
    author: "A",
    tags: ["t"],
    pageNumber: 4,
    expiresAt: "2026-01-03T00:00:00.000Z",
    documentMetadata: custom,
    chunkMetadata,
  };
  expect(filterRecord(given)).toEqual({
    server: expect.objectContaining({
      author: "A",
      expires_at: "2026-01-03T00:00:00.000Z",
      tags: ["t"],
      title: "T",
      page_number: 4,
    }),
    metadata: { ...custom, ...chunkMetadata },
  });
  expect(Object.hasOwn(filterRecord(given).metadata, "__proto__")).toBe(true);
});
