import type { Settled } from "../../../server/src/store/settled-outcome.ts";
import type { LiveQueryHandle, StoreHits, VectorSearch } from "../../../server/src/store/search-store.ts";
import type { Store } from "../../../server/src/store/store.ts";
import { valueOf } from "../store-fixture.ts";
import { within } from "../../support/waiting.ts";

/** A live query with all that it told. */
export class LiveQueryRecorder {
  readonly search: VectorSearch;
  /** What was told, the first answer included. */
  readonly states: StoreHits[] = [];
  /** The last call, where it was an error. */
  error: Error | undefined;
  #standing: LiveQueryHandle | undefined;
  #changed = Promise.withResolvers<void>();

  private constructor(search: VectorSearch) {
    this.search = search;
  }

  static async watch(store: Store, libraryId: string, search: VectorSearch): Promise<LiveQueryRecorder> {
    const recorder = new LiveQueryRecorder(search);
    recorder.#standing = await store.searches.watch(libraryId, search, (update) => recorder.#take(update));
    recorder.states.unshift(recorder.#standing.first);
    return recorder;
  }

  get first(): StoreHits {
    return valueOf(this.states[0] === undefined ? undefined : { value: this.states[0] });
  }

  get last(): StoreHits {
    return this.states.at(-1) ?? this.first;
  }

  get texts(): readonly string[] {
    return this.last.hits.map(({ text }) => text);
  }

  /** Waits until it has told something of which this is true. */
  async until(condition: (hits: StoreHits) => boolean): Promise<StoreHits> {
    while (!condition(this.last)) {
      if (this.error !== undefined) throw this.error;
      await within(this.#changed.promise, "the search to tell of a change");
    }
    return this.last;
  }

  /** Waits for the call with an error. */
  async failure(): Promise<Error> {
    while (this.error === undefined) await within(this.#changed.promise, "the search to fail");
    return this.error;
  }

  end(): void {
    this.#standing?.end();
  }

  #take(update: Settled<StoreHits>): void {
    if ("error" in update) this.error = update.error;
    else this.states.push(update.value);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
