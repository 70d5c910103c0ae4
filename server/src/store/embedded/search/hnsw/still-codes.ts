import type { Candidate } from "../../nearest.ts";
import type { Steps } from "../../turns/steps.ts";
import { nearestIn, type StillRows } from "../compare-codes.ts";
import { type CodeGroup, expanded } from "./expanded.ts";

/** Codes and their groups as they were at one moment, compared in steps, whatever comes and goes meanwhile. */
export class StillCodes {
  readonly rows: StillRows;
  readonly #groups: ReadonlyMap<number, CodeGroup>;
  readonly #onEnd: () => void;
  /** Groups that have changed since, as they were; undefined for a code that one chunk had. */
  readonly #before = new Map<number, CodeGroup | undefined>();

  /** @param groups change, which `keep` is told of before */
  constructor(rows: StillRows, groups: ReadonlyMap<number, CodeGroup>, onEnd: () => void) {
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
    const mayPass = (leader: number) => this.#groupOf(leader)?.members.some(passes) ?? passes(leader);
    const found = yield* nearestIn(this.rows, query, count, (leaders) => placesOf(leaders, mayPass));
    yield;
    const membersOf = (_leader: number, { members }: CodeGroup) => members.filter(passes);
    return expanded(found, count, (leader) => this.#groupOf(leader), membersOf);
  }

  /** Groups of several chunks, and of those whose leader is gone, by their leaders. */
  *groups(): Generator<readonly [number, CodeGroup]> {
    for (const leader of this.rows.keys) {
      const group = this.#groupOf(leader);
      if (group !== undefined) yield [leader, group];
    }
  }

  /** To be called when it is not needed any more. */
  end(): void {
    this.#onEnd();
  }

  #groupOf(leader: number): CodeGroup | undefined {
    return this.#before.has(leader) ? this.#before.get(leader) : this.#groups.get(leader);
  }
}

/** The places of those that pass. */
export function placesOf(keys: readonly number[], passes: (key: number) => boolean): readonly number[] {
  const places: number[] = [];
  for (const [place, key] of keys.entries()) if (passes(key)) places.push(place);
  return places;
}
