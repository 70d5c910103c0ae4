/** A vector quantized to one byte per component, and the error of that. */
export interface Code {
  readonly bytes: Int8Array<ArrayBuffer>;
  /** Angle between the vector and its code, in radians. */
  readonly angle: number;
}

const greatest = 127;

/**
 * Scalar quantization with a scale per vector, so that its greatest component uses the whole range. Cosine distance does
 * not depend on length, so the scale need not be stored.
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

/** Maximum rounding error of the native code, in single precision. */
const arithmetic = 1e-4;

/**
 * Lower bound of a true cosine distance, if codes are `distance` apart and the angles between vectors and their codes add
 * up to at most `slack`: angles satisfy the triangle inequality.
 */
export function leastDistance(distance: number, slack: number): number {
  const angle = angleOf(1 - distance) - slack;
  return angle <= 0 ? 0 : 1 - Math.cos(angle) - arithmetic;
}

/**
 * Usual difference between the distance of codes and that of their vectors: the quantization error of a vector has the
 * length of its angle and a random direction, so only a fraction of it counts, which decreases with the dimension.
 */
export const typicalErrorOf = (slack: number, dimension: number): number => slack / Math.sqrt(dimension);
