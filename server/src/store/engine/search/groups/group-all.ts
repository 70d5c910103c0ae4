import type { Steps } from "../../../../scheduling/steps.ts";
import type { CapturedFields } from "../../metadata-index/captured-fields.ts";
import { RowSet } from "../../metadata-index/rows/row-set.ts";
import type { ValueVisitor, ValueWalk, VisitedValue } from "../../metadata-index/values/value-walk.ts";
import { BestHits } from "./best-hits.ts";
import { type HitGroup, TopGroups } from "./top-groups.ts";

/** Rows looked at per step. */
const rowsAtOnce = 16_384;

/** Order of a row that is no hit. */
export const noHit = Number.NaN;

/** The orders of all rows that are hits, and how many groups and hits of each are wanted. */
export interface AllHits {
  readonly orders: Float64Array;
  readonly keys: Pick<CapturedFields["rows"], "key">;
  readonly groups: number;
  readonly hits: number;
}

/** The best groups of all hits. */
export function* groupAll(all: AllHits, walk: ValueWalk): Steps<readonly HitGroup[]> {
  const collector = new GroupCollector(all);
  yield* walk(collector);
  return yield* collector.result();
}

/** Groups hits by the values that are visited. */
class GroupCollector implements ValueVisitor {
  readonly #all: AllHits;
  readonly #top: TopGroups;
  readonly #valued: RowSet;
  #best: BestHits;

  constructor(all: AllHits) {
    this.#all = all;
    this.#top = new TopGroups(all.groups);
    this.#valued = RowSet.none(all.orders.length);
    this.#best = new BestHits(all.hits);
  }

  rows(list: Uint32Array, from: number, to: number): void {
    for (let index = from; index < to; index++) {
      const row = list[index] ?? 0;
      if (this.#look(row)) this.#valued.add(row);
    }
  }

  value(read: () => VisitedValue): void {
    const { hits } = this.#best;
    const [first] = hits;
    if (first === undefined) return;
    if (first.order <= this.#top.bound) this.#top.add({ value: read(), hits });
    this.#best = new BestHits(this.#all.hits);
  }

  /** Adds the group of chunks without a value. */
  *result(): Steps<readonly HitGroup[]> {
    for (let row = 0; row < this.#all.orders.length; row++) {
      if (!this.#valued.has(row)) this.#look(row);
      if (row % rowsAtOnce === rowsAtOnce - 1) yield;
    }
    const { hits } = this.#best;
    if (hits.length > 0) this.#top.add({ value: undefined, hits });
    return this.#top.result();
  }

  /** Whether the row is a hit. */
  #look(row: number): boolean {
    const { orders, keys } = this.#all;
    const order = orders[row] ?? noHit;
    if (Number.isNaN(order)) return false;
    if (order <= this.#best.bound) this.#best.add({ key: keys.key(row), order });
    return true;
  }
}
