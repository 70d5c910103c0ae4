import type { Candidate } from "../../vectors/nearest.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import { nearestIn, type FrozenRows } from "../../vectors/compare-codes.ts";
import { type CodeGroup, expanded } from "./expand-groups.ts";

/** Members of a group processed per step. */
const membersAtOnce = 2_048;

/** A snapshot of codes and groups, compared in steps while the originals change. */
export class FrozenCodes {
  readonly rows: FrozenRows;
  readonly #groups: ReadonlyMap<number, CodeGroup>;
  readonly #onEnd: () => void;
  /** Previous versions of groups that changed since; undefined for a code that had a single chunk. */
  readonly #before = new Map<number, CodeGroup | undefined>();

  /** @param groups the groups of the index; `keep` has to be called before one of them changes */
  constructor(rows: FrozenRows, groups: ReadonlyMap<number, CodeGroup>, onEnd: () => void) {
    this.rows = rows;
    this.#groups = groups;
    this.#onEnd = onEnd;
  }

  /** Called before the group of a leader changes. */
  keep(leader: number): void {
    if (this.#before.has(leader)) return;
    const group = this.#groups.get(leader);
    this.#before.set(leader, group === undefined ? undefined : { members: [...group.members], equal: group.equal });
  }

  /** The `count` nearest of all, or more if codes are shared. */
  *search(query: Int8Array, count: number): Steps<readonly Candidate[]> {
    const found = yield* nearestIn(this.rows, query, count);
    // Sorting thousands takes milliseconds, too.
    yield;
    return expanded(found, count, (leader) => this.#groupOf(leader));
  }

  /** The same for keys that pass. */
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

  /** Rows of leaders with members that pass; puts the passing members of groups into a map. */
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
        // Looked up again in each step: a group changes in place, after its previous version was kept.
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

  /** Groups of several chunks and groups whose leader was removed, by leader, for these rows. Valid in this step only. */
  groups(from: number, to: number): readonly (readonly [number, CodeGroup])[] {
    return this.rows.keys.slice(from, to).flatMap((leader) => {
      const group = this.#groupOf(leader);
      return group === undefined ? [] : [[leader, group] as const];
    });
  }

  /** Must be called when the snapshot is no longer needed. */
  end(): void {
    this.#onEnd();
  }

  #groupOf(leader: number): CodeGroup | undefined {
    return this.#before.has(leader) ? this.#before.get(leader) : this.#groups.get(leader);
  }
}
