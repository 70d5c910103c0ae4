import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import { filterRecord } from "../../filter-record.ts";
import type { ChunkRow } from "../rows/chunks-table.ts";
import { cosineDistance, rounding } from "../vectors/cosine-distance.ts";
import type { FlatVectors } from "../vectors/flat-vectors.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import type { DraftList } from "./draft-list.ts";
import type { Changes } from "./live-messages.ts";
import { NetChange } from "./net-change.ts";
import { QueryVectors } from "./query-vectors.ts";
import type { LiveQueryState } from "./live-query-state.ts";

interface Arrival {
  readonly chunk: ChunkRow;
  readonly vector: Float32Array;
}

/** Changes processed together. */
interface LiveBatch {
  readonly seq: number;
  /** Removed chunks that some list contains, and changed ones, which are among the arrivals too. */
  readonly gone: ReadonlySet<number>;
  readonly arrivals: ReadonlyMap<number, Arrival>;
  readonly recordOf: (arrival: Arrival) => FilterRecord;
}

/** Queries, or chunks, processed per step if each needs little work, and if each needs more. */
const passedAtOnce = 64;
const changedAtOnce = 8;

/** The live queries of one library. */
export class LibraryLiveQueries {
  readonly #pool: ChunkPool;
  readonly #dimension: number;
  readonly #vectors: QueryVectors;
  readonly #queries = new Map<number, LiveQueryState>();

  constructor(dimension: number, pool: ChunkPool) {
    this.#dimension = dimension;
    this.#pool = pool;
    this.#vectors = new QueryVectors(dimension);
  }

  get size(): number {
    return this.#queries.size;
  }

  has(query: LiveQueryState): boolean {
    return this.#queries.get(query.id) === query;
  }

  queries(): Iterable<LiveQueryState> {
    return this.#queries.values();
  }

  vector(id: number): Float32Array {
    return this.#vectors.find(id);
  }

  add(query: LiveQueryState, vector: Float32Array): void {
    this.#queries.set(query.id, query);
    this.#vectors.add(query.id, vector);
  }

  remove(id: number): void {
    this.#queries.delete(id);
    this.#vectors.remove(id);
  }

  /**
   * Applies these changes to every query, one query after the other: each shows the position before them or after them, and
   * nothing in between. Meanwhile queries may end, but none starts.
   *
   * @param changed called with each query whose hits changed, or that needs to be refilled
   */
  *apply(changes: readonly Changes[], changed: (query: LiveQueryState) => void): Steps<void> {
    const batch = yield* this.#batch(changes);
    for (const block of this.#vectors.blocks()) yield* this.#bring(block, batch, changed);
  }

  *#batch(changes: readonly Changes[]): Steps<LiveBatch> {
    const net = new NetChange<Arrival>();
    for (const { added, vectors, removed } of changes) {
      for (const key of removed) net.remove(key);
      for (const [row, chunk] of added.entries()) {
        const vector = vectors.subarray(row * this.#dimension, (row + 1) * this.#dimension);
        net.add(chunk.key, { chunk, vector });
        if (row % passedAtOnce === 0) yield;
      }
    }
    const records = new Map<Arrival, FilterRecord>();
    const recordOf = (arrival: Arrival): FilterRecord => {
      const record = records.get(arrival) ?? filterRecord(arrival.chunk.source);
      records.set(arrival, record);
      return record;
    };
    const gone = new Set([...net.removed].filter((key) => this.#pool.isListed(key)));
    return { seq: changes.at(-1)?.seq ?? 0, gone, arrivals: net.added, recordOf };
  }

  /** The next state of each list is computed first, which may take long, and then adopted. */
  *#bring(block: FlatVectors, batch: LiveBatch, changed: (query: LiveQueryState) => void): Steps<void> {
    const { seq, arrivals } = batch;
    // Queries that end meanwhile are replaced by others at their index.
    const ids = [...block.keys()];
    const drafts = new Map<LiveQueryState, DraftList>();
    yield* this.#takeOut(ids, batch, drafts);
    yield* this.#putIn(block, batch, drafts);
    const atOnce = drafts.size > 0 ? changedAtOnce : passedAtOnce;
    for (const [place, id] of ids.entries()) {
      const query = this.#queries.get(id);
      if (query === undefined) continue;
      const draft = drafts.get(query);
      query.seq = seq;
      if (draft !== undefined && query.take(draft, arrivals)) changed(query);
      if (place % atOnce === 0) yield;
    }
  }

  *#takeOut(ids: readonly number[], { gone }: LiveBatch, drafts: Map<LiveQueryState, DraftList>): Steps<void> {
    if (gone.size === 0) return;
    for (const [place, id] of ids.entries()) {
      const query = this.#queries.get(id);
      if (query !== undefined && !query.asking && query.lists(gone)) {
        const draft = query.draft();
        draft.remove(gone);
        drafts.set(query, draft);
      }
      if (place % passedAtOnce === 0) yield;
    }
  }

  *#putIn(block: FlatVectors, { arrivals, recordOf }: LiveBatch, drafts: Map<LiveQueryState, DraftList>): Steps<void> {
    const all = [...arrivals.values()];
    const { atOnce } = this.#vectors;
    const draftOf = (query: LiveQueryState): DraftList => {
      const draft = drafts.get(query) ?? query.draft();
      drafts.set(query, draft);
      return draft;
    };
    for (let from = 0; from < all.length; from += atOnce) {
      const part = all.slice(from, from + atOnce);
      const vectors = part.map(({ vector }) => vector);
      const steps = block.compareOneByOne(vectors, (id, place, roughly) => {
        const query = this.#queries.get(id);
        const arrival = part[place];
        if (query === undefined || arrival === undefined || query.asking) return false;
        if (roughly > (drafts.get(query)?.bound ?? query.bound) + rounding) return false;
        if (query.filter?.(recordOf(arrival)) === false) return true;
        const distance = cosineDistance(this.#vectors.find(id), arrival.vector);
        draftOf(query).add(arrival.chunk.key, distance);
        return true;
      });
      yield;
      let near = 0;
      for (const wasNear of steps) if (wasNear && ++near % changedAtOnce === 0) yield;
      yield;
    }
  }
}
