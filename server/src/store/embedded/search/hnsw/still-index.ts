import type { Candidate } from "../../nearest.ts";
import type { Steps } from "../../turns/steps.ts";
import { blurOf, encode, leastDistance } from "../codes.ts";
import { firstOf, nearestIn, type StillRows } from "../compare-codes.ts";
import type { Proposal, StillIndex, StillSelection } from "../vector-index.ts";
import { placesOf, type StillCodes } from "./still-codes.ts";

interface Parts {
  readonly codes: StillCodes;
  readonly tail: StillRows;
  /** The greatest angle between a vector and its code. */
  readonly widest: number;
  readonly dimension: number;
  readonly size: number;
  /** Told of what is compared with everything. */
  readonly note: (query: Float32Array) => void;
}

/** What a graph has of its vectors beside it, as it was at one moment. */
export class StillHnsw implements StillIndex {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parts.size;
  }

  *compareAll(query: Float32Array, count: number): Steps<Proposal> {
    const { codes, tail, note } = this.#parts;
    const { bytes, angle } = encode(query);
    note(query);
    const found = [...(yield* codes.search(bytes, count)), ...(yield* nearestIn(tail, bytes, count))];
    yield;
    return complete(firstOf(found, count), this.size, angle + this.#parts.widest, bytes.length);
  }

  *compareSome(query: Float32Array, some: StillSelection, count: number): Steps<Proposal> {
    const { codes, tail } = this.#parts;
    const { bytes, angle } = encode(query);
    const passes = (key: number) => some.has(key);
    const inTail = nearestIn(tail, bytes, count, (keys) => placesOf(keys, passes));
    const found = [...(yield* codes.compare(bytes, passes, count)), ...(yield* inTail)];
    yield;
    return complete(firstOf(found, count), some.count, angle + this.#parts.widest, bytes.length);
  }

  end(): void {
    this.#parts.codes.end();
  }
}

/** A proposal after the codes of `compared` vectors were compared, one and all. @param slack of the angles of both codes */
export function complete(items: readonly Candidate[], compared: number, slack: number, dimension: number): Proposal {
  const last = items.length < compared ? items.at(-1) : undefined;
  const reach = last === undefined ? Infinity : leastDistance(last.distance, slack);
  return { items, reach, blur: blurOf(slack, dimension) };
}
