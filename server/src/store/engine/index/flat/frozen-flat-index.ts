import { rounding } from "../../vectors/cosine-distance.ts";
import { FlatVectors } from "../../vectors/flat-vectors.ts";
import { type Candidate, Nearest } from "../../vectors/nearest.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { Proposal, FrozenIndex, KeySelection } from "../vector-index.ts";

/** A snapshot of full vectors, compared one segment per step. */
export class FrozenFlatIndex implements FrozenIndex {
  readonly size: number;
  readonly #dimension: number;
  readonly #segments: readonly FlatVectors[];

  /** @param segments immutable segments */
  constructor(dimension: number, segments: readonly FlatVectors[]) {
    this.#dimension = dimension;
    this.#segments = segments;
    this.size = segments.reduce((sum, { size }) => sum + size, 0);
  }

  *compareAll(query: Float32Array, count: number): Steps<Proposal> {
    const nearest = new Nearest(count);
    for (const segment of this.#segments) {
      for (const candidate of segment.search([query], count)[0] ?? []) nearest.add(candidate);
      yield;
    }
    return toProposal(nearest.sorted(), this.size);
  }

  *compareSome(query: Float32Array, some: KeySelection, count: number): Steps<Proposal> {
    const nearest = new Nearest(count);
    let compared = 0;
    for (const segment of this.#segments) {
      const passing = new FlatVectors(this.#dimension);
      for (const key of segment.keys()) {
        const vector = some.has(key) ? segment.vector(key) : undefined;
        if (vector !== undefined) passing.add(key, vector);
      }
      for (const candidate of passing.search([query], count)[0] ?? []) nearest.add(candidate);
      compared += passing.size;
      yield;
    }
    return toProposal(nearest.sorted(), compared);
  }

  end(): void {}
}

/** The proposal of an exhaustive scan of this many full vectors. */
export function toProposal(items: readonly Candidate[], compared: number): Proposal {
  const last = items.length < compared ? items.at(-1) : undefined;
  return { items, completeBelow: last === undefined ? Infinity : last.distance - rounding, typicalError: rounding };
}
