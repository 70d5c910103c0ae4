/** The numbers of a vector as the wire has it: base64 of little-endian float32. */
export function decodeVector(base64: string): Float32Array {
  const binary = atob(base64);
  const bytes = new DataView(new ArrayBuffer(binary.length));
  for (let index = 0; index < binary.length; index++) bytes.setUint8(index, binary.charCodeAt(index));
  return Float32Array.from({ length: binary.length / 4 }, (_, index) => bytes.getFloat32(index * 4, true));
}
