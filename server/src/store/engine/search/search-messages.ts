import { ChannelDefinition, ThreadDefinition } from "../../../util/typed-thread.ts";
import type { ThreadCalls } from "../threads/thread-client.ts";
import type { CallOf, ThreadReply } from "../threads/thread-messages.ts";
import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import type { StoreSearch } from "../../search-store.ts";
import type { EncodedAnswer } from "./answers/encoded-answer.ts";
import type { SearchStatistics } from "./statistics/search-totals.ts";
import type { MessagePort } from "node:worker_threads";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { DocumentOperations } from "../documents/document-messages.ts";
import type { IndexChange } from "../changes/index-change.ts";
import type { IndexThresholds } from "../index/index-thresholds.ts";

/** Parameters and results of every operation of the search thread. */
export interface SearchOperations extends DocumentOperations {
  search: { take: { libraryId: string; search: StoreSearch }; give: EncodedAnswer };
  searchPage: { take: { libraryId: string; cursor: string; caller: string | undefined }; give: EncodedAnswer };
  /** Whether the index of the vectors that a library is being re-embedded to is ready. */
  buildNextIndex: { take: { libraryId: string }; give: boolean };
  libraryStatistics: { take: { libraryId: string }; give: LibraryStatistics };
  searchStatistics: { take: undefined; give: SearchStatistics };
}

/** Start parameters of the search thread. */
export interface SearchThreadSettings {
  readonly directory: string;
  readonly thresholds: IndexThresholds;
  /** Port to the writing thread. */
  readonly writer: MessagePort;
  /** Port to the live thread, which may not run yet. */
  readonly live: MessagePort;
}

/** The changes of one transaction. */
export interface Committed {
  readonly type: "committed";
  /** Consecutive numbers of transactions that changed libraries; also stored in the database. */
  readonly number: number;
  readonly changes: readonly IndexChange[];
  readonly events: readonly LibraryEvent[];
}

/** From the writing thread to the search thread. */
export type FromWriter =
  /** The database exists and its schema is current. */
  | { readonly type: "opened" }
  | Committed
  /** Nothing will be written any more. */
  | { readonly type: "close" };

/** From the search thread to the writing thread. */
export type ToWriter =
  /** The changes of this transaction are visible to searches. */
  | { readonly type: "applied"; readonly number: number }
  /** From now on, exactly these libraries' writers wait. */
  | { readonly type: "held"; readonly libraryIds: readonly string[] }
  /** The search thread will not access the data directory any more. */
  | { readonly type: "closed" };

/** From the writing thread (left) to the search thread (right). */
export const writerChannel = new ChannelDefinition<FromWriter, ToWriter>();

export type SearchThreadRequest = CallOf<SearchOperations> & {
  /** When the thread received it, in milliseconds of its own clock. */
  readonly since?: number | undefined;
};

export const searchThread = new ThreadDefinition<SearchThreadSettings, ThreadCalls<SearchOperations>, ThreadReply>(
  new URL("./search-worker.ts", import.meta.url),
);
