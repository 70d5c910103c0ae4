/** What the page tells its worker: vectors as the wire has them, and the place on the list that each takes. */
export interface PlaceVectors {
  readonly indexes: readonly number[];
  readonly vectors: readonly string[];
}

/** What the worker tells: where these are on the map, x and y in turn. */
export interface Places {
  readonly indexes: Uint32Array;
  readonly coordinates: Float32Array;
}
