import type { CompiledFilter } from "@arrwdb/protocol/filter";
import { filterRecord } from "../filter-record.ts";
import type { StoreSearch } from "../store.ts";
import type { ChunksTable } from "./chunks-table.ts";
import type { Candidate } from "./nearest.ts";

interface Choice {
  /** The first k that pass. */
  readonly chosen: readonly Candidate[];
  /** Whether some candidate lies beyond the distance asked for. */
  readonly beyond: boolean;
}

/** One search and what it knows of chunks already, so that asking for more candidates reads none of them twice. */
export class SearchPlan {
  readonly search: StoreSearch;
  readonly filter: CompiledFilter | undefined;
  readonly maxDistance: number;
  readonly #chunks: ChunksTable;
  readonly #verdicts = new Map<number, boolean>();

  constructor(search: StoreSearch, filter: CompiledFilter | undefined, chunks: ChunksTable) {
    this.search = search;
    this.filter = filter;
    this.maxDistance = search.maxDistance ?? Infinity;
    this.#chunks = chunks;
  }

  /** @param ordered candidates, nearest first */
  choose(ordered: readonly Candidate[]): Choice {
    const chosen: Candidate[] = [];
    for (const candidate of ordered) {
      if (candidate.distance > this.maxDistance) return { chosen, beyond: true };
      if (!this.#passes(candidate.key)) continue;
      chosen.push(candidate);
      if (chosen.length === this.search.k) break;
    }
    return { chosen, beyond: false };
  }

  #passes(key: number): boolean {
    if (this.filter === undefined) return true;
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const source = this.#chunks.source(key);
    const verdict = source !== undefined && this.filter(filterRecord(source));
    this.#verdicts.set(key, verdict);
    return verdict;
  }
}
