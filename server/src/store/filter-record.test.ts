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
};

it("has the standard fields, but none that the document has not", () => {
  expect(filterRecord(source)).toEqual({
    title: "T",
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-02T00:00:00.000Z",
    page_number: null,
    chunk_index: 2,
    source_document_id: "d",
  });
});

it("puts the chunk's metadata over the document's, and standard fields over both where they are given", () => {
  const custom = { author: "custom", source_url: "custom", tags: "custom", title: "custom", a: 1, b: 1 };
  const given = { ...source, author: "A", tags: ["t"], documentMetadata: custom, chunkMetadata: { b: 2, c: 2 } };
  expect(filterRecord(given)).toMatchObject({
    author: "A",
    source_url: "custom",
    tags: ["t"],
    title: "T",
    a: 1,
    b: 2,
    c: 2,
  });
});
