/** Maximum of vectors to which the axes are fitted; an evenly spread sample represents the rest. */
const sampled = 1_500;
const rounds = 40;

/** Where the plane lies on which vectors are shown: a point of it and two directions, at right angles. */
export interface Axes {
  readonly mean: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** A deterministic pseudo-random number from -1 to 1, so that the map looks the same each time. */
const scattered = (place: number) => Math.sin(place * 12.9898 + 4.1414) % 1;

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

function scaled(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map((number) => number / length);
}

/** Removes the vector's component along the other one. */
function without(vector: Float32Array, other: Float32Array): Float32Array {
  const along = dot(vector, other);
  return vector.map((number, index) => number - along * (other[index] ?? 0));
}

/**
 * The two directions in which the vectors differ most, by power iteration: a vector that is multiplied with the
 * covariance again and again turns into the direction of the greatest variance.
 */
export function principalAxes(vectors: readonly Float32Array[]): Axes {
  const dimension = vectors[0]?.length ?? 0;
  const step = Math.max(1, vectors.length / sampled);
  const sample: Float32Array[] = [];
  for (let place = 0; place < vectors.length; place += step) {
    const vector = vectors[Math.floor(place)];
    if (vector !== undefined) sample.push(vector);
  }
  const mean = new Float32Array(dimension);
  for (const vector of sample)
    vector.forEach((number, index) => (mean[index] = (mean[index] ?? 0) + number / sample.length));
  const centred = sample.map((vector) => vector.map((number, index) => number - (mean[index] ?? 0)));

  const axis = (seed: number, other: Float32Array | undefined): Float32Array => {
    const orthogonal = (vector: Float32Array) => (other === undefined ? vector : without(vector, other));
    let direction = scaled(orthogonal(Float32Array.from({ length: dimension }, (_, place) => scattered(place + seed))));
    for (let round = 0; round < rounds; round++) {
      const next = new Float32Array(dimension);
      for (const vector of centred) {
        const weight = dot(vector, direction);
        for (let index = 0; index < dimension; index++)
          next[index] = (next[index] ?? 0) + weight * (vector[index] ?? 0);
      }
      const turned = orthogonal(next);
      // Vectors that are all alike have no direction; any will do.
      if (dot(turned, turned) < 1e-20) break;
      // After near-cancellation the rest is mostly rounding error, and must be orthogonalised again.
      direction = scaled(orthogonal(scaled(turned)));
    }
    return direction;
  };
  const first = axis(1, undefined);
  return { mean, first, second: axis(dimension + 1, first) };
}

/** Where the vector is on the plane. */
export function project({ mean, first, second }: Axes, vector: Float32Array): readonly [number, number] {
  const centred = vector.map((number, index) => number - (mean[index] ?? 0));
  return [dot(centred, first), dot(centred, second)];
}
