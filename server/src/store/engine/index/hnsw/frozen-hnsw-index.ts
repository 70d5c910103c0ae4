import type { Candidate } from "../../vectors/nearest.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import { encode } from "../../vectors/codes.ts";
import { firstOf, joined, nearestIn, nearestOf, type FrozenRows } from "../../vectors/compare-codes.ts";
import type { Proposal, FrozenIndex, KeySelection, WalkResult } from "../vector-index.ts";
import { scanProposal } from "../scan-proposal.ts";
import type { FrozenCodes } from "./frozen-codes.ts";

interface FrozenParts {
  readonly codes: FrozenCodes;
  readonly tail: FrozenRows;
  /** Maximum angle between a vector and its code. */
  readonly widest: number;
  readonly dimension: number;
  readonly size: number;
  /** Greatest key at the time of the snapshot. */
  readonly last: number;
  /** Records the queries of exhaustive scans. */
  readonly note: (query: Float32Array) => void;
  /** Searches the live graph. */
  readonly walk: (query: Float32Array, count: number) => Proposal;
  readonly onEnd: () => void;
}

/** A snapshot of a graph's codes and tail. */
export class FrozenHnswIndex implements FrozenIndex {
  readonly #parts: FrozenParts;
  /** Chunks removed since. */
  readonly #gone = new Map<number, Int8Array>();

  constructor(parts: FrozenParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parts.size;
  }

  /** Called before a chunk is removed. */
  keep(key: number, code: Int8Array): void {
    if (key <= this.#parts.last) this.#gone.set(key, code.slice());
  }

  /** The live graph is newer than the snapshot: chunks added since are dropped, and removed ones are compared separately. */
  walk(query: Float32Array, count: number): WalkResult {
    const { items: found, typicalError } = this.#parts.walk(query, count);
    const items = found.filter(({ key }) => key <= this.#parts.last);
    const within = count - (found.length - items.length);
    if (this.#gone.size === 0) return { items, typicalError, within };
    const keys = [...this.#gone.keys()];
    const { bytes } = encode(query);
    const near =
      nearestOf(joined([...this.#gone.values()], bytes.length), bytes, count, { dimension: bytes.length })[0] ?? [];
    return {
      items: [...items, ...near.map(({ row, distance }) => ({ key: keys[row] ?? -1, distance }))],
      typicalError,
      within,
    };
  }

  *compareAll(query: Float32Array, count: number): Steps<Proposal> {
    const { codes, tail, note } = this.#parts;
    const { bytes, angle } = encode(query);
    note(query);
    const found = [...(yield* codes.search(bytes, count)), ...(yield* nearestIn(tail, bytes, count))];
    yield;
    return this.#proposal(firstOf(found, count), this.size, angle);
  }

  *compareSome(query: Float32Array, some: KeySelection, count: number): Steps<Proposal> {
    const { codes, tail } = this.#parts;
    const { bytes, angle } = encode(query);
    const passes = (key: number) => some.has(key);
    const inTail = nearestIn(tail, bytes, count, (keys) => placesOf(keys, passes));
    const found = [...(yield* codes.compare(bytes, passes, count)), ...(yield* inTail)];
    yield;
    return this.#proposal(firstOf(found, count), some.count, angle);
  }

  end(): void {
    this.#parts.codes.end();
    this.#parts.onEnd();
  }

  #proposal(items: readonly Candidate[], compared: number, angle: number): Proposal {
    const { widest, dimension } = this.#parts;
    return scanProposal(items, { compared, slack: angle + widest, dimension });
  }
}

/** Rows of the keys that pass. */
function* placesOf(keys: readonly number[], passes: (key: number) => boolean): Steps<readonly number[]> {
  const places: number[] = [];
  for (const [place, key] of keys.entries()) if (passes(key)) places.push(place);
  yield;
  return places;
}
