import { z } from "zod";
import { limits } from "../limits.ts";

/** Characters of base64 for the largest dimension. */
const base64Length = Math.ceil((limits.dimension * 4) / 3) * 4;

/** By hand, as a schema for each number would cost more than all else that is done with a document. */
function isEmbedding(value: unknown): value is readonly number[] | string {
  if (typeof value === "string") return value.length > 0 && value.length <= base64Length;
  if (!Array.isArray(value) || value.length === 0 || value.length > limits.dimension) return false;
  for (let index = 0; index < value.length; index++) {
    // A whole number beyond 2^53 is parsed as `bigint`; in a vector it is a float like the others.
    if (typeof value[index] === "bigint") value[index] = Number(value[index]);
    if (!Number.isFinite(value[index])) return false;
  }
  return true;
}

/** A vector on the wire: an array of numbers, or base64 of little-endian float32. */
export const embedding = z
  .custom<readonly number[] | string>(isEmbedding, {
    error: `must be an array of up to ${limits.dimension} finite numbers, or base64 of little-endian float32`,
  })
  .meta({
    anyOf: [
      { minItems: 1, maxItems: limits.dimension, type: "array", items: { type: "number" } },
      { type: "string", minLength: 1, maxLength: base64Length },
    ],
  });

export type EmbeddingInput = z.output<typeof embedding>;

/** How far the square of a length may be from 1 by the rounding to float32 alone. */
const rounding = 2 ** -22;

/**
 * The vector scaled to length 1, or undefined if it has no direction. A vector that has this length already, up to
 * rounding to float32, is unchanged, so that copies between libraries are identical to the last bit.
 */
export function normalize(vector: ArrayLike<number>): Float32Array<ArrayBuffer> | undefined {
  let squares = 0;
  for (let index = 0; index < vector.length; index++) {
    const number = vector[index] ?? 0;
    squares += number * number;
  }
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length === 0) return undefined;
  if (Math.abs(squares - 1) <= rounding) return new Float32Array(vector);
  const unit = new Float32Array(vector.length);
  for (let index = 0; index < unit.length; index++) unit[index] = (vector[index] ?? 0) / length;
  return unit;
}
