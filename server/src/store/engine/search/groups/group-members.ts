import { RowSet } from "../../metadata-index/rows/row-set.ts";
import { compareTerms, maxTermBytes } from "../../metadata-index/values/field-term.ts";
import type { ValueVisitor, VisitedValue } from "../../metadata-index/values/value-walk.ts";
import type { HitGroup } from "./top-groups.ts";

/** A part of a list of rows. */
interface RowsPart {
  readonly list: Uint32Array;
  readonly from: number;
  readonly to: number;
}

/** Finds the rows of some groups among all values. */
export class MemberFinder implements ValueVisitor {
  readonly #groups: readonly HitGroup[];
  readonly #members = new Map<HitGroup, readonly RowsPart[]>();
  /** A row of each group, so that few values have to be compared. */
  readonly #anchors: RowSet;
  readonly #valued: RowSet;
  #parts: RowsPart[] = [];
  #isNear = false;

  /** @param count rows are less than this */
  constructor(groups: readonly HitGroup[], count: number, find: (key: number) => number | undefined) {
    this.#groups = groups;
    this.#valued = RowSet.none(count);
    this.#anchors = RowSet.none(count);
    for (const { hits } of groups) {
      const row = hits[0] === undefined ? undefined : find(hits[0].key);
      if (row !== undefined) this.#anchors.add(row);
    }
  }

  rows(list: Uint32Array, from: number, to: number): void {
    this.#parts.push({ list, from, to });
    for (let index = from; index < to; index++) {
      const row = list[index] ?? 0;
      this.#valued.add(row);
      if (this.#anchors.has(row)) this.#isNear = true;
    }
  }

  value(read: () => VisitedValue): void {
    if (this.#isNear) {
      const { term } = read();
      const group = this.#groups.find(({ value }) => value !== undefined && isSame(value.term, term));
      if (group !== undefined) this.#members.set(group, this.#parts);
    }
    this.#parts = [];
    this.#isNear = false;
  }

  /** The rows of a group that are in this set. */
  *of(group: HitGroup, among: RowSet): Generator<number> {
    if (group.value === undefined) {
      for (const part of among.parts()) for (const row of part) if (!this.#valued.has(row)) yield row;
      return;
    }
    for (const { list, from, to } of this.#members.get(group) ?? []) {
      for (let index = from; index < to; index++) {
        const row = list[index] ?? 0;
        if (among.has(row)) yield row;
      }
    }
  }
}

const isSame = (a: Uint8Array, b: Uint8Array) => compareTerms(a, 0, a.length, b, 0, b.length, maxTermBytes) === 0;
