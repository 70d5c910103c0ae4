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
  /** The updates have been told, so that the next may come. */
  | { readonly type: "told" }
  /** How is it doing? */
  | { readonly type: "statistics" };

/** From the live thread to the main thread. */
export type ToMain = Updates | { readonly type: "statistics"; readonly holds: readonly Hold[] };

/** What standing searches find now. */
export interface Updates {
  readonly type: "updates";
  /** The chunks that the main thread does not have yet. */
  readonly fresh: readonly ChunkRow[];
  /** One for each search that changed; an error is its last. */
  readonly updates: readonly { readonly id: number; readonly outcome: Outcome<Update> }[];
  /** The chunks, by their keys, that no search shows any more. */
  readonly forgotten: readonly number[];
}

export interface Update {
  readonly seq: number;
  readonly exact: boolean;
  /** The chunks found, nearest first, and how far each is. */
  readonly keys: readonly number[];
  readonly distances: readonly number[];
}

/** A search that the live thread needs, for a standing one that begins or has lost too many of its chunks. */
export interface Find {
  readonly type: "find";
  readonly id: number;
  readonly libraryId: string;
  readonly search: VectorSearch;
  /** More than the search's k, so that a deletion does not cost a search at once. */
  readonly capacity: number;
  /** Whether it begins; otherwise it is filled again, exactly. */
  readonly begins: boolean;
}

/** From the live thread to the store's thread. */
export type ToStore =
  | Find
  /** A standing search of this library has ended. */
  | { readonly type: "end"; readonly libraryId: string }
  /** Changes of this weight have been applied in a library. */
  | { readonly type: "done"; readonly libraryId: string; readonly weight: Weight };

/** What changes cost the live thread. */
export interface Weight {
  readonly comparisons: number;
  readonly bytes: number;
}

/** What one transaction changed in a library. */
export interface Changes {
  readonly type: "changes";
  readonly libraryId: string;
  /** The library's position after the transaction. */
  readonly seq: number;
  readonly added: readonly ChunkRow[];
  /** Their vectors, one behind the other. */
  readonly vectors: Float32Array<ArrayBuffer>;
  readonly removed: readonly number[];
  readonly weight: Weight;
}

/** What searches of a library found, all at one position. */
export interface FoundHits {
  readonly type: "found";
  readonly libraryId: string;
  readonly seq: number;
  readonly answers: readonly LiveAnswer[];
  /** Each chunk that the answers name. */
  readonly chunks: readonly ChunkRow[];
}

export interface LiveAnswer {
  readonly id: number;
  readonly exact: boolean;
  readonly keys: readonly number[];
  readonly distances: readonly number[];
  /** Whether the library has no more chunks that pass. */
  readonly complete: boolean;
}

/**
 * From the store's thread to the live thread, in the order of the commits: what was found at a position comes after the
 * changes up to there, and before those that follow.
 */
export type FromStore = OfLibrary | { readonly type: "refused"; readonly id: number; readonly error: ErrorData };

/** What belongs to one library; the live thread takes that in its order, and libraries in turn. */
export type OfLibrary =
  | Changes
  | FoundHits
  /** The library was deleted. */
  | { readonly type: "dropped"; readonly libraryId: string }
  /** Changes of the library could not be told. */
  | { readonly type: "lost"; readonly libraryId: string; readonly error: ErrorData };

/** Figures of the live thread. */
export interface LiveStatistics {
  readonly holds: readonly Hold[];
}

/** From the search thread on the left to the live thread on the right. */
export const liveChannel = new ChannelDefinition<FromStore, ToStore>();

/** Started with its end of `liveChannel`. */
export const liveThread = new ThreadDefinition<MessagePort, FromMain, ToMain>(
  new URL("./live-worker.ts", import.meta.url),
);
