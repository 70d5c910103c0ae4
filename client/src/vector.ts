import type { VectorInput } from "./wire.ts";

function base64Of(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((number, index) => bytes.setFloat32(index * 4, number, true));
  let text = "";
  for (let index = 0; index < bytes.byteLength; index++) text += String.fromCharCode(bytes.getUint8(index));
  return btoa(text);
}

function wireVector(vector: VectorInput): number[] | string {
  if (typeof vector === "string") return vector;
  return vector instanceof Float32Array ? base64Of(vector) : [...vector];
}

/** The same with its vector in wire form, as a `Float32Array` would serialize as an object. */
export function withWireVector<Query extends { readonly embedding?: VectorInput | undefined }>({
  embedding,
  ...query
}: Query): Omit<Query, "embedding"> & { embedding?: number[] | string } {
  return embedding === undefined ? query : { ...query, embedding: wireVector(embedding) };
}
