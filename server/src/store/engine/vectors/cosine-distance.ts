/** Distance of two unit vectors; 0 to 2. All reported distances are computed here, so that equal chunks have equal ones. */
export function cosineDistance(a: Float32Array, b: Float32Array): number {
  let product = 0;
  for (let index = 0; index < a.length; index++) product += (a[index] ?? 0) * (b[index] ?? 0);
  return Math.min(2, Math.max(0, 1 - product));
}

/** Maximum difference between distances of the native code, in single precision, and these. */
export const rounding = 1e-5;

/** Maximum distance of vectors with the same direction, as their lengths are 1 up to float32 rounding. */
const tolerance = 2 ** -21;

/** The maximum distance of a search, with tolerance: an identical vector is within a threshold of 0. */
export const greatestDistance = (threshold: number | undefined): number =>
  threshold === undefined ? Infinity : threshold + tolerance;
