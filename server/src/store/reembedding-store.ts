import type { ErrorCode } from "@arrwdb/protocol/errors/error-table";
import type { ReembeddingState } from "@arrwdb/protocol/documents/reembedding";

/** What a library is re-embedded to. */
export interface ReembeddingTarget {
  readonly embeddingModel: string;
  readonly dimension: number;
}

/** The latest re-embedding of a library. */
export interface StoredReembedding extends ReembeddingTarget {
  readonly id: string;
  readonly libraryId: string;
  readonly state: ReembeddingState;
  /** Chunks that have their new vector, of those that the library has. */
  readonly chunksDone: number;
  readonly chunksTotal: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** The position at which the library changed over. */
  readonly seq: number | null;
  /** Why it failed. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

/** One re-embedding. Calls that name one that does not run any more fail with `reembedding_not_found`. */
export type ReembeddingRef = Pick<StoredReembedding, "libraryId" | "id">;

/** A chunk without a new vector. */
export interface ChunkToEmbed {
  /** Identifies it among the chunks of its library. */
  readonly key: number;
  readonly text: string;
  readonly documentId: string;
}

export interface EmbeddedChunk {
  readonly key: number;
  /** Unit vector of the target's dimension. */
  readonly vector: Float32Array<ArrayBuffer>;
}

export type ReembeddingEnd =
  | { readonly state: "cancelled" }
  | { readonly state: "failed"; readonly error: { readonly code: ErrorCode; readonly message: string } };

/**
 * Re-embedding of libraries: new vectors are stored beside those that are searched, until each chunk has one. Then the library
 * changes over to them as a single change, or stays as it was. A library that is deleted takes its re-embedding with it.
 */
export interface ReembeddingStore {
  /** Nothing that is searched changes. @throws ArrwError `reembedding_in_progress` */
  begin(libraryId: string, target: ReembeddingTarget): Promise<StoredReembedding>;
  /** The latest one. @throws ArrwError `reembedding_not_found` if there was none */
  get(libraryId: string): Promise<StoredReembedding>;
  /** Those that have not ended, such as at the last stop of the server: they go on where they were. */
  running(): Promise<readonly StoredReembedding[]>;
  /**
   * The next chunks without a new vector, in order; none if each has one. Chunks written later follow.
   *
   * @param limit number of chunks; there may be fewer
   */
  next(reembedding: ReembeddingRef, limit: number): Promise<readonly ChunkToEmbed[]>;
  /** Keeps vectors of the first chunks that `next` returned, in their order. Chunks deleted meanwhile are left out. */
  keep(reembedding: ReembeddingRef, vectors: readonly EmbeddedChunk[]): Promise<void>;
  /**
   * Prepares searches with the new vectors, so that they are fast from the change on. Begins once each chunk had a vector, and
   * follows the changes. Returns whether it is ready; to be called again until it is.
   */
  prepare(reembedding: ReembeddingRef): Promise<boolean>;
  /**
   * Changes over: the event `library.updated`, with the new model and dimension. Searches that begin before it are answered
   * with the old vectors, and those after it with the new ones. Returns undefined, and changes nothing, if a chunk has no new
   * vector yet.
   */
  changeOver(reembedding: ReembeddingRef): Promise<StoredReembedding | undefined>;
  /** Ends the one that is running, if there is one: the library stays as it is. @returns the latest one */
  end(libraryId: string, end: ReembeddingEnd, id?: string): Promise<StoredReembedding>;
}
