import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { Find } from "../../live/live-messages.ts";
import type { IndexRegistry } from "../../index/index-registry.ts";
import type { SearchThreadRequest } from "../search-messages.ts";
import type { Sample } from "../statistics/recall-sampler.ts";
import type { LongTask } from "./long-searches.ts";
import type { AwaitsIndex } from "./takes-long.ts";

type LongSearchRequest = Extract<SearchThreadRequest, { operation: "search" }>;

/** A long search of a client or of the live thread, or one that is repeated to measure recall. */
export type LongRequest = LongTask &
  ({ readonly search: LongSearchRequest } | { readonly find: Find } | { readonly sample: Sample });

export function toLong(search: LongSearchRequest): LongRequest {
  const { libraryId, search: asked } = search.take;
  return {
    libraryId,
    caller: asked.caller,
    kind: asked.mode === undefined || asked.mode === "vector" ? "vector" : undefined,
    search,
  };
}

export const toLongSample = (sample: Sample): LongRequest => ({
  libraryId: sample.libraryId,
  caller: undefined,
  kind: undefined,
  sample,
});

export const toLongFind = (find: Find): LongRequest => ({
  libraryId: find.libraryId,
  caller: find.search.caller,
  kind: find.begins ? "begins" : "is filled again",
  find,
});

interface Parked {
  readonly request: LongRequest;
  readonly library: number;
  readonly filter: Filter | undefined;
}

/** Searches that wait until their index is loaded, or until the fields of their filters are indexed; both run in slices. */
export class ParkedSearches {
  readonly #indexes: IndexRegistry;
  readonly #isWanted: (request: LongRequest) => boolean;
  #parked: Parked[] = [];

  /** @param isWanted whether the outcome is still wanted; other searches are released at once */
  constructor(indexes: IndexRegistry, isWanted: (request: LongRequest) => boolean) {
    this.#indexes = indexes;
    this.#isWanted = isWanted;
  }

  get size(): number {
    return this.#parked.length;
  }

  add(request: LongRequest, { row, filter }: AwaitsIndex): void {
    this.#parked.push({ request, library: row.key, filter });
    this.#indexes.prioritize(row.key);
  }

  /** Removes and returns all of them. */
  takeAll(): readonly LongRequest[] {
    const all = this.#parked.map(({ request }) => request);
    this.#parked = [];
    return all;
  }

  /** Removes and returns those that need not wait any longer. */
  ready(): readonly LongRequest[] {
    if (this.#parked.length === 0) return [];
    const ready: LongRequest[] = [];
    const waiting: Parked[] = [];
    for (const parked of this.#parked) {
      const awaits = this.#indexes.peek(parked.library)?.awaits(parked.filter) === true;
      if (awaits && this.#isWanted(parked.request)) waiting.push(parked);
      else ready.push(parked.request);
    }
    this.#parked = waiting;
    return ready;
  }
}
