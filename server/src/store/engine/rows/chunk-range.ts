/** Chunks with consecutive keys, as those of a document have. */
export interface ChunkRange {
  readonly first: number;
  readonly last: number;
}
