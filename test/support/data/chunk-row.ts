import type { ChunkRow } from "../../../server/src/store/engine/rows/chunks-table.ts";

/** A chunk as the threads of the embedded store hand it to each other. */
export const newChunkRow = (key: number): ChunkRow => ({
  key,
  id: `${key}`,
  text: `${key}`,
  seq: 0,
  characters: 1,
  source: {
    documentId: "document",
    title: "",
    titleGenerated: false,
    author: null,
    documentType: null,
    sourceUrl: null,
    tags: [],
    documentMetadata: {},
    chunkMetadata: {},
    chunkIndex: 0,
    pageNumber: null,
    createdAt: "",
    updatedAt: "",
    expiresAt: null,
  },
});

/** A chunk of a document that was last written at this position, with this field of its own. */
export function chunkRowAt(key: number, seq: number, kind: number): ChunkRow {
  const chunk = newChunkRow(key);
  return { ...chunk, seq, source: { ...chunk.source, documentMetadata: { kind } } };
}
