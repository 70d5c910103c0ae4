import { Smallest } from "../../../../util/smallest.ts";
import type { VisitedValue } from "../../metadata-index/values/value-walk.ts";
import { compareTerms, maxTermBytes } from "../../metadata-index/values/field-term.ts";
import { byOrder, type HitRef } from "./best-hits.ts";

/** Chunks with the same value of a field, and their best hits, of which there is one at least. */
export interface HitGroup {
  /** Undefined for chunks without a value. */
  readonly value: VisitedValue | undefined;
  readonly hits: readonly HitRef[];
}

/** Best hit first; ties in the order of values, and chunks without a value behind all others. */
export function byBestHit(a: HitGroup, b: HitGroup): number {
  const [one] = a.hits;
  const [other] = b.hits;
  if (one === undefined || other === undefined) return a.hits.length - b.hits.length;
  return byOrder(one, other) || byValue(a.value, b.value);
}

function byValue(a: VisitedValue | undefined, b: VisitedValue | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compareTerms(a.term, 0, a.term.length, b.term, 0, b.term.length, maxTermBytes);
}

/** Keeps the best of any number of groups. */
export class TopGroups {
  readonly #best: Smallest<HitGroup>;

  constructor(limit: number) {
    this.#best = new Smallest(limit, byBestHit);
  }

  /** Groups whose best hit is beyond this order are not among the best. */
  get bound(): number {
    return this.#best.last?.hits[0]?.order ?? Infinity;
  }

  add(group: HitGroup): void {
    this.#best.add(group);
  }

  /** Best first. */
  result(): readonly HitGroup[] {
    return this.#best.sorted();
  }
}
