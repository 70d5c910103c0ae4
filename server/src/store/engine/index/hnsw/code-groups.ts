import type { Candidate } from "../../vectors/nearest.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import { CodeRows } from "../../vectors/code-rows.ts";
import { type CodeGroup, expanded } from "./expand-groups.ts";
import { FrozenCodes } from "./frozen-codes.ts";

/** Rows processed per step when codes are read. */
const restoredAtOnce = 1_024;

/**
 * Codes by chunk key, with each distinct code stored once: chunks with equal vectors share one row, and one node of a
 * graph. A row is identified by the key that was added first, its leader, even after that chunk was removed.
 */
export class CodeGroups {
  readonly #rows: CodeRows;
  readonly #leaderByCode = new Map<number, number>();
  /** Groups of several chunks, and groups whose leader was removed. */
  readonly #groups = new Map<number, CodeGroup>();
  /** Leaders, by member. */
  readonly #leaders = new Map<number, number>();
  readonly #frozen = new Set<FrozenCodes>();
  #size = 0;

  constructor(dimension: number) {
    this.#rows = new CodeRows(dimension);
  }

  /** Number of chunks. */
  get size(): number {
    return this.#size;
  }

  /** Number of distinct codes. */
  get rows(): CodeRows {
    return this.#rows;
  }

  /** Groups of several chunks, by their leaders. */
  get groups(): ReadonlyMap<number, CodeGroup> {
    return this.#groups;
  }

  *keys(): Generator<number> {
    for (const leader of this.#rows.keys()) yield* this.#groups.get(leader)?.members ?? [leader];
  }

  has(key: number): boolean {
    return this.#leaderOf(key) !== undefined;
  }

  /** The code of a chunk. */
  code(key: number): Int8Array<ArrayBuffer> | undefined {
    const leader = this.#leaderOf(key);
    return leader === undefined ? undefined : this.#rows.code(leader);
  }

  /**
   * Returns whether the code is new, so that its chunk leads a row.
   *
   * @param isEqual whether the vector of a chunk with the same code is equal to that of this one
   */
  add(key: number, code: Int8Array, isEqual: (other: number) => boolean): boolean {
    if (this.has(key)) throw new Error(`Vector ${key} is there already`);
    this.#size++;
    const hash = hashOf(code);
    const leader = this.#leaderByCode.get(hash);
    const own = leader === undefined ? undefined : this.#rows.code(leader);
    if (leader === undefined || own === undefined || !isSame(own, code)) {
      this.#rows.add(key, code);
      if (leader === undefined) this.#leaderByCode.set(hash, key);
      return true;
    }
    this.#join(leader, key, isEqual);
    return false;
  }

  /** Returns the leader of the row if its last chunk was removed. */
  remove(key: number): number | undefined {
    const leader = this.#leaderOf(key);
    if (leader === undefined) return undefined;
    this.#size--;
    const group = this.#groups.get(leader);
    if (group !== undefined) {
      this.#keep(leader);
      group.members.splice(placeOf(group.members, key), 1);
      this.#leaders.delete(key);
      if (group.members.length > 0) return undefined;
      this.#groups.delete(leader);
    }
    const code = this.#rows.code(leader);
    const hash = code === undefined ? undefined : hashOf(code);
    if (hash !== undefined && this.#leaderByCode.get(hash) === leader) this.#leaderByCode.delete(hash);
    this.#rows.remove(leader);
    return leader;
  }

  /** The `count` nearest of all, or more if codes are shared. */
  search(query: Int8Array, count: number): readonly Candidate[] {
    return this.expand(this.#rows.search([query], count)[0] ?? [], count);
  }

  /** The `count` nearest of the chunks with these keys, or more if codes are shared; unknown keys are skipped. */
  compare(query: Int8Array, keys: Iterable<number>, count: number): readonly Candidate[] {
    if (this.#groups.size === 0) return this.#rows.compare(query, keys, count);
    const rows: number[] = [];
    const wanted = new Map<number, number[]>();
    for (const key of keys) {
      const leader = this.#leaders.get(key);
      const members = leader === undefined ? undefined : wanted.get(leader);
      if (members !== undefined) members.push(key);
      else {
        rows.push(leader ?? key);
        if (leader !== undefined) wanted.set(leader, [key]);
      }
    }
    const groupOf = (leader: number) => this.#groups.get(leader);
    return expanded(this.#rows.compare(query, rows, count), count, groupOf, (leader) => wanted.get(leader) ?? []);
  }

  /** The chunks of these rows, nearest first, at least `count` if there are so many. */
  expand(found: readonly Candidate[], count: number): readonly Candidate[] {
    if (this.#groups.size === 0) return found;
    return expanded(found, count, (leader) => this.#groups.get(leader));
  }

  /** A snapshot of the codes, valid until `end` is called. */
  freeze(): FrozenCodes {
    const frozen = new FrozenCodes(this.#rows.freeze(), this.#groups, () => this.#frozen.delete(frozen));
    this.#frozen.add(frozen);
    return frozen;
  }

  /** Called before a group changes. */
  #keep(leader: number): void {
    for (const frozen of this.#frozen) frozen.keep(leader);
  }

  /**
   * Fills empty code groups, in steps.
   *
   * @param fill copies the next codes into a block
   * @param groups the groups encoded after the codes
   */
  *restore(
    leaders: BigUint64Array,
    fill: (block: Int8Array<ArrayBuffer>) => void,
    groups: () => Iterable<readonly [number, CodeGroup]>,
  ): Steps<void> {
    yield* this.#rows.restore(leaders, fill);
    this.#size = leaders.length;
    for (const [leader, group] of groups()) {
      this.#groups.set(leader, group);
      for (const [place, key] of group.members.entries()) {
        this.#leaders.set(key, leader);
        if (place % restoredAtOnce === restoredAtOnce - 1) yield;
      }
      this.#size += group.members.length - 1;
      if (this.#groups.size % restoredAtOnce === 0) yield;
    }
    for (const [row, leader] of this.#rows.keys().entries()) {
      const code = this.#rows.code(leader);
      if (code !== undefined) this.#leaderByCode.set(hashOf(code), leader);
      if (row % restoredAtOnce === restoredAtOnce - 1) yield;
    }
  }

  #join(leader: number, key: number, isEqual: (other: number) => boolean): void {
    this.#keep(leader);
    const group = this.#groups.get(leader) ?? { members: [leader], equal: true };
    const [other] = group.members;
    group.equal &&= other !== undefined && isEqual(other);
    if (!this.#groups.has(leader)) {
      this.#groups.set(leader, group);
      this.#leaders.set(leader, leader);
    }
    group.members.splice(placeOf(group.members, key), 0, key);
    this.#leaders.set(key, leader);
  }

  #leaderOf(key: number): number | undefined {
    const leader = this.#leaders.get(key);
    if (leader !== undefined) return leader;
    // A leader whose own chunk was removed still identifies a row.
    return this.#rows.has(key) && !this.#groups.has(key) ? key : undefined;
  }
}

/** Index of a key in an ascending list, or where it would be inserted. */
function placeOf(keys: readonly number[], key: number): number {
  let from = 0;
  let to = keys.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((keys[middle] ?? Infinity) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isSame(a: Int8Array, b: Int8Array): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** 53 bits of two FNV-1a hashes (Fowler, Noll and Vo), so that collisions are very unlikely. */
function hashOf(code: Int8Array): number {
  let first = 0x811c9dc5;
  let second = 0x9e3779b9;
  for (let index = 0; index < code.length; index++) {
    const byte = code[index] ?? 0;
    first = Math.imul(first ^ byte, 0x01000193);
    second = Math.imul(second ^ (byte + index), 0x85ebca6b);
  }
  return (first >>> 0) * 2 ** 21 + (second >>> 11);
}
