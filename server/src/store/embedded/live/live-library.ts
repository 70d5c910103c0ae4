import type { FilterRecord } from "@arrwdb/protocol/filter";
import { filterRecord } from "../../filter-record.ts";
import type { ChunkRow } from "../chunks-table.ts";
import { cosineDistance, rounding } from "../cosine-distance.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import type { Changes } from "./messages.ts";
import { NetChange } from "./net-change.ts";
import { QueryVectors } from "./query-vectors.ts";
import type { StandingQuery } from "./standing-query.ts";

interface Arrival {
  readonly chunk: ChunkRow;
  readonly vector: Float32Array;
}

/** The standing searches of one library, and the changes that they have not seen yet. */
export class LiveLibrary {
  readonly #pool: ChunkPool;
  readonly #dimension: number;
  readonly #vectors: QueryVectors;
  readonly #queries = new Map<number, StandingQuery>();
  readonly #change = new NetChange<Arrival>();
  /** The position up to which the changes are known. */
  seq = 0;

  constructor(dimension: number, pool: ChunkPool) {
    this.#dimension = dimension;
    this.#pool = pool;
    this.#vectors = new QueryVectors(dimension);
  }

  get size(): number {
    return this.#queries.size;
  }

  queries(): readonly StandingQuery[] {
    return [...this.#queries.values()];
  }

  vector(id: number): Float32Array {
    return this.#vectors.find(id);
  }

  add(query: StandingQuery, vector: Float32Array): void {
    this.#queries.set(query.id, query);
    this.#vectors.add(query.id, vector);
  }

  remove(id: number): void {
    this.#queries.delete(id);
    this.#vectors.remove(id);
  }

  /** Takes changes, to be looked at together with others. */
  note({ seq, added, vectors, removed }: Changes): void {
    this.seq = seq;
    for (const key of removed) this.#change.remove(key);
    for (const [row, chunk] of added.entries()) {
      const vector = vectors.subarray(row * this.#dimension, (row + 1) * this.#dimension);
      this.#change.add(chunk.key, { chunk, vector });
    }
  }

  /** Brings every search to the position; returns those that show something else now, or have to ask for it. */
  apply(): ReadonlySet<StandingQuery> {
    const changed = new Set<StandingQuery>();
    this.#takeOut(changed);
    this.#putIn(changed);
    this.#change.clear();
    return changed;
  }

  #takeOut(changed: Set<StandingQuery>): void {
    const gone = new Set([...this.#change.removed].filter((key) => this.#pool.isListed(key)));
    if (gone.size === 0) return;
    for (const query of this.#queries.values()) if (!query.asking && query.remove(gone)) changed.add(query);
  }

  #putIn(changed: Set<StandingQuery>): void {
    const records = new Map<Arrival, FilterRecord>();
    const recordOf = (arrival: Arrival): FilterRecord => {
      const record = records.get(arrival) ?? filterRecord(arrival.chunk.source);
      records.set(arrival, record);
      return record;
    };
    this.#vectors.compare([...this.#change.added.values()], (id, arrival, roughly) => {
      const query = this.#queries.get(id);
      if (query === undefined || query.asking || roughly > query.bound + rounding) return false;
      if (query.filter?.(recordOf(arrival)) === false) return true;
      const distance = cosineDistance(this.#vectors.find(id), arrival.vector);
      if (distance <= query.bound && query.add(arrival.chunk, distance)) changed.add(query);
      return true;
    });
  }
}
