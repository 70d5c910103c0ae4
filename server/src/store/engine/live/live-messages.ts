import type { MessagePort } from "node:worker_threads";
import { ChannelDefinition, ThreadDefinition } from "../../../util/typed-thread.ts";
import type { VectorSearch } from "../../search-store.ts";
import type { ChunkRow } from "../rows/chunks-table.ts";
import type { ErrorData, Outcome } from "../threads/thread-messages.ts";
import type { Hold } from "../../../scheduling/hold-meter.ts";

/** From the main thread to the live thread. */
export type FromMain =
  | { readonly type: "watch"; readonly id: number; readonly libraryId: string; readonly search: VectorSearch }
  | { readonly type: "end"; readonly id: number }
  /** The listeners were called, so the next updates may be sent. */
  | { readonly type: "updates-received" }
  /** Requests statistics. */
  | { readonly type: "statistics" };

/** From the live thread to the main thread. */
export type ToMain = Updates | { readonly type: "statistics"; readonly holds: readonly Hold[] };

/** Updates of live queries. */
export interface Updates {
  readonly type: "updates";
  /** Chunks that the main thread does not have yet, or not as they are now. */
  readonly fresh: readonly ChunkRow[];
  /** One for each query that changed; an error is its last. */
  readonly updates: readonly { readonly id: number; readonly outcome: Outcome<Update> }[];
  /** Keys of chunks that no query shows any more. */
  readonly forgotten: readonly number[];
}

export interface Update {
  readonly seq: number;
  readonly exact: boolean;
  /** Keys of the chunks found, nearest first, and their distances. */
  readonly keys: readonly number[];
  readonly distances: readonly number[];
}

/** A search that the live thread needs, for a live query that starts or has lost too many of its chunks. */
export interface Find {
  readonly type: "find";
  readonly id: number;
  readonly libraryId: string;
  readonly search: VectorSearch;
  /** More than the query's k, so that a deletion does not require a search at once. */
  readonly capacity: number;
  /** Whether the query starts; otherwise it is refilled, exactly. */
  readonly begins: boolean;
}

/** From the live thread to the search thread. */
export type ToStore =
  | Find
  /** A live query of this library has ended. */
  | { readonly type: "end"; readonly libraryId: string }
  /** Changes of this weight have been applied in a library. */
  | { readonly type: "done"; readonly libraryId: string; readonly weight: Weight };

/** The cost of changes for the live thread. */
export interface Weight {
  readonly comparisons: number;
  readonly bytes: number;
}

/** The changes of one transaction in a library. */
export interface Changes {
  readonly type: "changes";
  readonly libraryId: string;
  /** The library's position after the transaction. */
  readonly seq: number;
  /** A chunk that is removed too has changed: its document was patched. */
  readonly added: readonly ChunkRow[];
  /** Their vectors, concatenated. */
  readonly vectors: Float32Array<ArrayBuffer>;
  readonly removed: readonly number[];
  readonly weight: Weight;
}

/** Results of searches of a library, all at one position. */
export interface FoundHits {
  readonly type: "found";
  readonly libraryId: string;
  readonly seq: number;
  readonly answers: readonly LiveAnswer[];
  /** Every chunk in the answers. */
  readonly chunks: readonly ChunkRow[];
}

export interface LiveAnswer {
  readonly id: number;
  readonly exact: boolean;
  readonly keys: readonly number[];
  readonly distances: readonly number[];
  /** Whether the library has no further chunks that pass. */
  readonly complete: boolean;
}

/**
 * From the search thread to the live thread, in commit order: results at a position come after the changes up to there,
 * and before later ones.
 */
export type FromStore = OfLibrary | { readonly type: "refused"; readonly id: number; readonly error: ErrorData };

/** Messages about one library; the live thread processes them in order, and libraries in turn. */
export type OfLibrary =
  | Changes
  | FoundHits
  /** The library was deleted. */
  | { readonly type: "dropped"; readonly libraryId: string }
  /** Changes of the library could not be sent. */
  | { readonly type: "lost"; readonly libraryId: string; readonly error: ErrorData };

/** Statistics of the live thread. */
export interface LiveStatistics {
  readonly holds: readonly Hold[];
}

/** From the search thread (left) to the live thread (right). */
export const liveChannel = new ChannelDefinition<FromStore, ToStore>();

/** Its start parameter is its end of `liveChannel`. */
export const liveThread = new ThreadDefinition<MessagePort, FromMain, ToMain>(
  new URL("./live-worker.ts", import.meta.url),
);
