import { toArrwError } from "@arrwdb/protocol/errors/errors";
import type { LiveQueryListener, SearchAnswer, StoreHits } from "../../store/search-store.ts";
import type { FoundSearchHit } from "@arrwdb/protocol/search/search";
import type { EventHub } from "../events/event-hub.ts";

/** Rest after a search, as a multiple of its duration, so that one query cannot keep the search thread busy. */
const restShare = 4;

export interface RepeatedSearchOptions {
  readonly libraryId: string;
  readonly search: (signal: AbortSignal) => Promise<SearchAnswer<FoundSearchHit>>;
  readonly hub: EventHub;
  /** Called with each answer but the first. */
  readonly listener: LiveQueryListener<FoundSearchHit>;
  /** Called when it should be searched again: `repeat` is to be called once. */
  readonly onDue: (query: RepeatedSearch) => void;
  readonly onEnd: () => void;
}

/** A search that is repeated after changes of its library, until its answer reflects the last one. */
export class RepeatedSearch {
  readonly #options: RepeatedSearchOptions;
  /** The position that the last answer reflects, and that of the last change. */
  #shown = 0;
  #changed = 0;
  /** Whether it waits or runs. */
  #isDue = true;
  readonly #ending = new AbortController();
  #rest: ReturnType<typeof setTimeout> | undefined;
  #stopListening: () => void = () => undefined;

  constructor(options: RepeatedSearchOptions) {
    this.#options = options;
  }

  /** The first answer. */
  async start(): Promise<StoreHits<FoundSearchHit>> {
    const { hub, libraryId, search } = this.#options;
    this.#stopListening = hub.listen(libraryId, ({ event }) => {
      // A search changes nothing that is searched.
      if (event.type === "library.deleted") this.end();
      else if (event.type !== "search.performed") this.#notice(event.seq);
    });
    try {
      const first = await search(this.#ending.signal);
      this.#shown = first.seq;
      // The caller has to have the first answer before the next.
      setImmediate(() => this.#settle(0));
      return first;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Searches again. */
  async repeat(): Promise<void> {
    if (this.#isOver) return;
    const started = performance.now();
    try {
      const value = await this.#options.search(this.#ending.signal);
      if (this.#isOver) return;
      this.#shown = value.seq;
      this.#options.listener({ value });
      this.#settle(restShare * (performance.now() - started));
    } catch (error) {
      if (this.#isOver) return;
      this.end();
      this.#options.listener({ error: toArrwError(error) });
    }
  }

  end(): void {
    if (this.#isOver) return;
    this.#ending.abort();
    clearTimeout(this.#rest);
    this.#stopListening();
    this.#options.onEnd();
  }

  get #isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  #notice(seq: number): void {
    this.#changed = seq;
    if (!this.#isDue) this.#due();
  }

  /** It is not due any more, after a rest in milliseconds, unless there were changes. */
  #settle(rest: number): void {
    if (this.#isOver) return;
    this.#rest = setTimeout(() => {
      this.#isDue = false;
      if (this.#changed > this.#shown) this.#due();
    }, rest);
  }

  #due(): void {
    this.#isDue = true;
    this.#options.onDue(this);
  }
}
