import { z } from "zod";
import { ArrwError } from "./errors.ts";
import { limits } from "./limits.ts";

/** Characters of base64 for the largest dimension. */
const base64Length = Math.ceil((limits.dimension * 4) / 3) * 4;

/** By hand, as a schema for each number would cost more than all else that is done with a document. */
function isEmbedding(value: unknown): value is readonly number[] | string {
  if (typeof value === "string") return value.length > 0 && value.length <= base64Length;
  if (!Array.isArray(value) || value.length === 0 || value.length > limits.dimension) return false;
  for (let index = 0; index < value.length; index++) if (!Number.isFinite(value[index])) return false;
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

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(base64);
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index);
    return bytes;
  } catch {
    return undefined;
  }
}

function numbersOf(value: EmbeddingInput, field: string): Float32Array<ArrayBuffer> {
  if (typeof value !== "string") return new Float32Array(value);
  const bytes = bytesOf(value);
  if (bytes === undefined || bytes.byteLength === 0 || bytes.byteLength % 4 !== 0) {
    throw new ArrwError("validation_failed", `${field}: is not base64 of little-endian float32 (4 bytes a number)`, {
      field,
    });
  }
  const view = new DataView(bytes.buffer);
  const numbers = new Float32Array(bytes.byteLength / 4);
  for (let index = 0; index < numbers.length; index++) numbers[index] = view.getFloat32(index * 4, true);
  return numbers;
}

/**
 * Decodes a vector and scales it to length 1, as cosine distance looks at directions alone.
 *
 * @param dimension the library's; another length is `dimension_mismatch`.
 * @throws ArrwError where a number is not finite in float32 or all are zero.
 */
export function decodeEmbedding(value: EmbeddingInput, dimension: number, field: string): Float32Array<ArrayBuffer> {
  const vector = numbersOf(value, field);
  if (vector.length !== dimension) {
    throw new ArrwError(
      "dimension_mismatch",
      `${field}: has ${vector.length} numbers, but the library's dimension is ${dimension}`,
      { field },
    );
  }
  const unit = normalize(vector);
  if (unit !== undefined) return unit;
  const index = vector.findIndex((number) => !Number.isFinite(number));
  const reason =
    index === -1 ? "is all zeros in float32, which has no direction" : `number ${index} is not finite in float32`;
  throw new ArrwError("validation_failed", `${field}: ${reason}`, { field });
}

/** How far the square of a length may be from 1 by the rounding to float32 alone. */
const rounding = 2 ** -22;

/**
 * The vector at length 1, or undefined where it has no direction. One that has this length already, but for its rounding
 * to float32, stays as it is: what is read from a library and written to another one is the same to the last bit.
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
