import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events/events";

export interface Events {
  readonly events: readonly LibraryEvent[];
  /** The library's position. */
  readonly seq: number;
  /** Events after this position are all retained. */
  readonly earliestSeq: number;
}

export interface EventRange {
  readonly afterSeq: number;
  readonly limit: number;
  /** Characters of JSON after which the page ends early; it always contains at least one event. */
  readonly maxCharacters?: number | undefined;
}

export type CommitListener = (events: readonly LibraryEvent[]) => void;

/** The change log, from which all subscriptions are served. */
export interface EventStore {
  /**
   * Calls the listener for every change committed from now on, by this node or another: per library in order of seq,
   * without gaps or duplicates, and only once the change is visible to searches. Returns a function that unsubscribes. The
   * listener must not throw.
   */
  onCommit(listener: CommitListener): () => void;
  /**
   * Events of a library after a position, in order. Used for replay and to close gaps.
   *
   * @throws ArrwError `position_expired` if some of them are no longer retained, `position_ahead` if the position is beyond
   *   the library's own
   */
  read(libraryId: string, range: EventRange): Promise<Events>;
  /** Appends a `search.performed` event to the library's log. Returns its seq. */
  recordSearch(libraryId: string, search: SearchPerformed): Promise<number>;
}
