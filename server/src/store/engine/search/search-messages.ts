import { ChannelDefinition, ThreadDefinition } from "../../../util/typed-thread.ts";
import type { ThreadCalls } from "../threads/thread-client.ts";
import type { CallOf, ThreadReply } from "../threads/thread-messages.ts";
import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import type { StoreSearch } from "../../search-store.ts";
import type { EncodedAnswer } from "./encoded-answer.ts";
import type { SearchStatistics } from "./search-totals.ts";
import type { MessagePort } from "node:worker_threads";
import type { LibraryEvent } from "@arrwdb/protocol/events";
import type { IndexChange } from "../changes/index-change.ts";
import type { IndexThresholds } from "../index/index-thresholds.ts";

/** Every operation of the search thread: what it takes and what it gives. */
export interface SearchOperations {
  search: { take: { libraryId: string; search: StoreSearch }; give: EncodedAnswer };
  libraryStatistics: { take: { libraryId: string }; give: LibraryStatistics };
  searchStatistics: { take: undefined; give: SearchStatistics };
}

/** What the search thread is started with. */
export interface SearchThreadSettings {
  readonly directory: string;
  readonly thresholds: IndexThresholds;
  /** The way to the writing thread. */
  readonly writer: MessagePort;
  /** The way to the live thread, which need not be there yet. */
  readonly live: MessagePort;
}

/** What one transaction changed. */
export interface Committed {
  readonly type: "committed";
  /** Transactions that changed libraries are numbered, in the database too, without a gap. */
  readonly number: number;
  readonly changes: readonly IndexChange[];
  readonly events: readonly LibraryEvent[];
}

/** From the writing thread to the search thread. */
export type FromWriter =
  /** The database is there and up to date. */
  | { readonly type: "opened" }
  | Committed
  /** Nothing more is written. */
  | { readonly type: "close" };

/** From the search thread to the writing thread. */
export type ToWriter =
  /** What this transaction changed is found by searches. */
  | { readonly type: "applied"; readonly number: number }
  /** From now on writers to these libraries, and no others, wait. */
  | { readonly type: "held"; readonly libraryIds: readonly string[] }
  /** The search thread will touch the data directory no more. */
  | { readonly type: "closed" };

/** From the writing thread on the left to the search thread on the right. */
export const writerChannel = new ChannelDefinition<FromWriter, ToWriter>();

export type SearchThreadRequest = CallOf<SearchOperations> & {
  /** When the thread took it, in milliseconds of its own clock. */
  readonly since?: number | undefined;
};

export const searchThread = new ThreadDefinition<SearchThreadSettings, ThreadCalls<SearchOperations>, ThreadReply>(
  new URL("./search-worker.ts", import.meta.url),
);
