import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { type EmbeddingInput, normalize } from "@arrwdb/protocol/documents/vector";

/** Bytes encoded by base64 of this length, if it is well-formed. */
function expectedBytes(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return Math.floor(((base64.length - padding) * 3) / 4);
}

/** Node's own decoder is 30 times faster than `atob`, but skips invalid characters, which shows in the length. */
function bytesOf(base64: string): Uint8Array | undefined {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.byteLength === expectedBytes(base64) && base64.length % 4 === 0) return bytes;
  try {
    return Buffer.from(atob(base64), "latin1");
  } catch {
    return undefined;
  }
}

/** The numbers as they lie in the bytes: little-endian, as every platform that we run on has them in memory. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array {
  if (byteOffset % 4 === 0) return new Float32Array(buffer, byteOffset, byteLength / 4);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

function numbersOf(value: EmbeddingInput, field: string): Float32Array {
  if (typeof value !== "string") return new Float32Array(value);
  const bytes = bytesOf(value);
  if (bytes !== undefined && bytes.byteLength > 0 && bytes.byteLength % 4 === 0) return viewOf(bytes);
  const message = `${field}: is not base64 of little-endian float32 (4 bytes per number)`;
  throw new ArrwError("validation_failed", message, { field });
}

/**
 * Decodes a vector and scales it to length 1, as cosine distance compares directions only.
 *
 * @param dimension the library's
 * @throws ArrwError `dimension_mismatch`; `validation_failed` if a number is not finite in float32 or all are zero
 */
export function decodeEmbedding(value: EmbeddingInput, dimension: number, field: string): Float32Array<ArrayBuffer> {
  const vector = numbersOf(value, field);
  if (vector.length !== dimension) {
    throw new ArrwError(
      "dimension_mismatch",
      `${field}: has dimension ${vector.length}, but the library's dimension is ${dimension}`,
      { field },
    );
  }
  const unit = normalize(vector);
  if (unit !== undefined) return unit;
  const index = vector.findIndex((number) => !Number.isFinite(number));
  const reason =
    index === -1
      ? "is a zero vector in float32, so its cosine distance is undefined"
      : `number ${index} is not finite in float32`;
  throw new ArrwError("validation_failed", `${field}: ${reason}`, { field });
}
