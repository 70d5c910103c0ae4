/** What the page tells its worker: vectors one behind the other, the worker counts them in this order. */
export interface AddVectors {
  readonly dimension: number;
  readonly vectors: Float32Array;
}

/** What the worker tells: the places of vectors from `from` on, x and y in turn. */
export interface Places {
  readonly from: number;
  readonly coordinates: Float32Array;
}
