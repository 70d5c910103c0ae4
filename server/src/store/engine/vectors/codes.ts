/** A vector in one byte a number, and what that costs. */
export interface Code {
  readonly bytes: Int8Array<ArrayBuffer>;
  /** The angle between the vector and what its bytes say, in radians. */
  readonly angle: number;
}

const greatest = 127;

/**
 * Scalar quantization with a scale for each vector, so that its greatest number takes the whole range. Cosine distances do
 * not depend on a vector's length, so the scale need not be kept.
 */
export function encode(vector: Float32Array): Code {
  let most = 0;
  for (let index = 0; index < vector.length; index++) {
    const size = Math.abs(vector[index] ?? 0);
    if (size > most) most = size;
  }
  const bytes = new Int8Array(vector.length);
  if (most === 0) return { bytes, angle: Math.PI };
  const scale = greatest / most;
  let product = 0;
  let square = 0;
  let length = 0;
  for (let index = 0; index < vector.length; index++) {
    const number = vector[index] ?? 0;
    const byte = Math.round(number * scale);
    bytes[index] = byte;
    product += number * byte;
    square += byte * byte;
    length += number * number;
  }
  return { bytes, angle: angleOf(product / Math.sqrt(square * length)) };
}

function angleOf(cosine: number): number {
  return Math.acos(Math.min(1, Math.max(-1, cosine)));
}

/** How far the arithmetic of the native code, in single precision, may be off. */
const arithmetic = 1e-4;

/**
 * The least that a true cosine distance can be, where codes are `distance` apart and the angles between vectors and their
 * codes add up to `slack` at most: angles obey the triangle inequality.
 */
export function leastDistance(distance: number, slack: number): number {
  const angle = angleOf(1 - distance) - slack;
  return angle <= 0 ? 0 : 1 - Math.cos(angle) - arithmetic;
}

/**
 * How far the distance of codes may be from that of their vectors, as a rule: what rounding adds to a vector has the length
 * of its angle and points anywhere, so that of it only a part counts that falls with the dimension.
 */
export const typicalErrorOf = (slack: number, dimension: number): number => slack / Math.sqrt(dimension);
