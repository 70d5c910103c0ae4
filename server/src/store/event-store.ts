import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events";

export interface Events {
  readonly events: readonly LibraryEvent[];
  /** The library's position. */
  readonly seq: number;
  /** The earliest position after which all events are kept. */
  readonly earliestSeq: number;
}

export interface EventRange {
  readonly afterSeq: number;
  readonly limit: number;
  /** Characters of JSON at which the answer ends early, though with one event at least. */
  readonly maxCharacters?: number | undefined;
}

export type CommitListener = (events: readonly LibraryEvent[]) => void;

/** The log of changes, which everything that subscribes is served from. */
export interface EventStore {
  /**
   * Calls the listener for every change committed from now on, by this node or another: for each library in the order of
   * seq, without gap or duplicate, and not before the change can be found. Returns how to end it. The listener must not throw.
   */
  onCommit(listener: CommitListener): () => void;
  /**
   * Events of a library after a position, in order. For replay and for closing gaps.
   *
   * @throws ArrwError `position_expired` if some of them are no longer kept, `position_ahead` if the library has not come
   *   to that position.
   */
  read(libraryId: string, range: EventRange): Promise<Events>;
  /** Makes a search a change of its library: `search.performed`. Returns its seq. */
  recordSearch(libraryId: string, search: SearchPerformed): Promise<number>;
}
