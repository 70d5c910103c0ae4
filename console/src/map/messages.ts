/** From the page to its worker: vectors as received, and the slot of each. */
export interface PlaceVectors {
  readonly indexes: readonly number[];
  readonly vectors: readonly string[];
}

/** From the worker: the positions on the map, alternating x and y. */
export interface Places {
  readonly indexes: Uint32Array;
  readonly coordinates: Float32Array;
}
