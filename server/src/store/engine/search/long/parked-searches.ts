import type { Filter } from "@arrwdb/protocol/filter";
import type { Find } from "../../live/live-messages.ts";
import type { IndexRegistry } from "../../index/index-registry.ts";
import type { SearchThreadRequest } from "../search-messages.ts";
import type { Sample } from "../recall-sampler.ts";
import type { LongTask } from "./long-searches.ts";
import type { AwaitsIndex } from "./takes-long.ts";

type LongSearchRequest = Extract<SearchThreadRequest, { operation: "search" }>;

/** A search of a client, or of the live thread, that takes long, or one that is made again to see how good its answer was. */
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

/** Searches that wait until their index is opened, or the fields that their filters name are indexed: both is done in slices. */
export class ParkedSearches {
  readonly #indexes: IndexRegistry;
  readonly #isWanted: (request: LongRequest) => boolean;
  #parked: Parked[] = [];

  /** @param isWanted whether somebody waits for what comes of it; what nobody waits for need not wait either */
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

  /** All of them, which then wait no more. */
  takeAll(): readonly LongRequest[] {
    const all = this.#parked.map(({ request }) => request);
    this.#parked = [];
    return all;
  }

  /** Those that need not wait any more. */
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
