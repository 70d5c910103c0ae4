import type { ChunkRow } from "../../../server/src/store/engine/rows/chunks-table.ts";

/** A chunk as the threads of the embedded store hand it to each other. */
export const newChunkRow = (key: number): ChunkRow => ({
  key,
  id: `${key}`,
  text: `${key}`,
  characters: 1,
  source: {
    documentId: "document",
    title: "",
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
  },
});
