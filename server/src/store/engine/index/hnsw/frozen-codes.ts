import type { Candidate } from "../../vectors/nearest.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import { nearestIn, type FrozenRows } from "../../vectors/compare-codes.ts";
import { type CodeGroup, expanded } from "./expand-groups.ts";

/** Members of a group that are looked at in a step. */
const membersAtOnce = 2_048;

/** Codes and their groups as they were at one moment, compared in steps, whatever comes and goes meanwhile. */
export class FrozenCodes {
  readonly rows: FrozenRows;
  readonly #groups: ReadonlyMap<number, CodeGroup>;
  readonly #onEnd: () => void;
  /** Groups that have changed since, as they were; undefined for a code that one chunk had. */
  readonly #before = new Map<number, CodeGroup | undefined>();

  /** @param groups the groups of the index; `keep` has to be called before one of them changes */
  constructor(rows: FrozenRows, groups: ReadonlyMap<number, CodeGroup>, onEnd: () => void) {
    this.rows = rows;
    this.#groups = groups;
    this.#onEnd = onEnd;
  }

  /** The group of a leader is about to change. */
  keep(leader: number): void {
    if (this.#before.has(leader)) return;
    const group = this.#groups.get(leader);
    this.#before.set(leader, group === undefined ? undefined : { members: [...group.members], equal: group.equal });
  }

  /** The `count` nearest of all, or more where codes are shared. */
  *search(query: Int8Array, count: number): Steps<readonly Candidate[]> {
    const found = yield* nearestIn(this.rows, query, count);
    // Ordering thousands takes milliseconds, too.
    yield;
    return expanded(found, count, (leader) => this.#groupOf(leader));
  }

  /** The same of those that pass. */
  *compare(query: Int8Array, passes: (key: number) => boolean, count: number): Steps<readonly Candidate[]> {
    const wanted = new Map<number, readonly number[]>();
    const found = yield* nearestIn(this.rows, query, count, (leaders) => this.#choose(leaders, passes, wanted));
    yield;
    return expanded(
      found,
      count,
      (leader) => this.#groupOf(leader),
      (leader) => wanted.get(leader) ?? [],
    );
  }

  /** The places of leaders with members that pass, which it puts into a map where they are groups. */
  *#choose(
    leaders: readonly number[],
    passes: (key: number) => boolean,
    wanted: Map<number, readonly number[]>,
  ): Steps<readonly number[]> {
    const places: number[] = [];
    let looked = 0;
    for (const [place, leader] of leaders.entries()) {
      if (this.#groupOf(leader) === undefined) {
        if (passes(leader)) places.push(place);
        continue;
      }
      const passing: number[] = [];
      for (let from = 0; ; from += membersAtOnce) {
        // In each step anew: one that changes does so in place, after a copy was made of it.
        const members = this.#groupOf(leader)?.members.slice(from, from + membersAtOnce) ?? [];
        for (const member of members) if (passes(member)) passing.push(member);
        looked += members.length;
        if (looked >= membersAtOnce) yield;
        looked %= membersAtOnce;
        if (members.length < membersAtOnce) break;
      }
      if (passing.length === 0) continue;
      places.push(place);
      wanted.set(leader, passing);
    }
    return places;
  }

  /** Groups of several chunks, and of those whose leader is gone, by their leaders: those of some rows. Good for this step. */
  groups(from: number, to: number): readonly (readonly [number, CodeGroup])[] {
    return this.rows.keys.slice(from, to).flatMap((leader) => {
      const group = this.#groupOf(leader);
      return group === undefined ? [] : [[leader, group] as const];
    });
  }

  /** To be called when it is not needed any more. */
  end(): void {
    this.#onEnd();
  }

  #groupOf(leader: number): CodeGroup | undefined {
    return this.#before.has(leader) ? this.#before.get(leader) : this.#groups.get(leader);
  }
}
