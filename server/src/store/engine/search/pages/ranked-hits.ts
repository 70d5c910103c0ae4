import type { FoundChunk } from "../answers/hit-serializer.ts";

/** All hits of a search, best first, without their contents: 24 bytes each. */
export class RankedHits {
  readonly length: number;
  readonly #keys: Float64Array;
  /** Not a number for null. */
  readonly #distances: Float64Array;
  /** The same for hits without one. */
  readonly #scores: Float64Array;

  constructor(hits: readonly FoundChunk[]) {
    this.length = hits.length;
    this.#keys = new Float64Array(hits.length);
    this.#distances = new Float64Array(hits.length);
    this.#scores = new Float64Array(hits.length);
    // Filling arrays from an iterable takes a millisecond each.
    for (const [place, { key, distance, score }] of hits.entries()) {
      this.#keys[place] = key;
      this.#distances[place] = distance ?? NaN;
      this.#scores[place] = score ?? NaN;
    }
  }

  /** The hit at this place, from 0. */
  at(place: number): FoundChunk {
    const [key, distance, score] = [this.#keys[place], this.#distances[place], this.#scores[place]];
    if (key === undefined) throw new Error(`There is no hit at ${place}`);
    return { key, distance: numberOr(distance, null), score: numberOr(score, undefined), rank: place + 1 };
  }
}

const numberOr = <Other>(value: number | undefined, other: Other) =>
  value === undefined || Number.isNaN(value) ? other : value;
