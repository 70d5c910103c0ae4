/** Of two vectors of length 1; 0 to 2. Every distance that is told comes from here, so that equal chunks are equally far. */
export function cosineDistance(a: Float32Array, b: Float32Array): number {
  let product = 0;
  for (let index = 0; index < a.length; index++) product += (a[index] ?? 0) * (b[index] ?? 0);
  return Math.min(2, Math.max(0, 1 - product));
}

/** How far the distances of the native code, in single precision, may be from these. */
export const rounding = 1e-5;
