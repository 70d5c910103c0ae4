/** Of two vectors of length 1; 0 to 2. Every distance that is told comes from here, so that equal chunks are equally far. */
export function cosineDistance(a: Float32Array, b: Float32Array): number {
  let product = 0;
  for (let index = 0; index < a.length; index++) product += (a[index] ?? 0) * (b[index] ?? 0);
  return Math.min(2, Math.max(0, 1 - product));
}

/** How far the distances of the native code, in single precision, may be from these. */
export const rounding = 1e-5;

/** How far the distance of vectors with the same direction may be from 0, as their lengths are 1 but for float32's rounding. */
const tolerance = 2 ** -21;

/** What a distance is compared with where a search has a threshold: the identical vector is within a threshold of 0. */
export const greatestDistance = (threshold: number | undefined): number =>
  threshold === undefined ? Infinity : threshold + tolerance;
