import { z } from "zod";
import { ArrwError } from "./errors.ts";
import { limits } from "./limits.ts";

/** A vector on the wire: an array of numbers, or base64 of little-endian float32. */
export const embedding = z.union(
  [
    z.array(z.number()).min(1).max(limits.dimension),
    z
      .string()
      .min(1)
      .max(Math.ceil((limits.dimension * 4) / 3) * 4),
  ],
  { error: `must be an array of up to ${limits.dimension} finite numbers, or base64 of little-endian float32` },
);

export type EmbeddingInput = z.output<typeof embedding>;

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function numbersOf(value: EmbeddingInput, field: string): Float32Array {
  if (typeof value !== "string") return Float32Array.from(value);
  const bytes = bytesOf(value);
  if (bytes === undefined || bytes.byteLength === 0 || bytes.byteLength % 4 !== 0) {
    throw new ArrwError("validation_failed", `${field}: is not base64 of little-endian float32 (4 bytes a number)`, {
      field,
    });
  }
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true));
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

/** The vector at length 1, or undefined where it has no direction. */
export function normalize(vector: ArrayLike<number>): Float32Array<ArrayBuffer> | undefined {
  let squares = 0;
  for (let index = 0; index < vector.length; index++) squares += (vector[index] ?? 0) ** 2;
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length === 0) return undefined;
  return Float32Array.from(vector, (number) => number / length);
}
