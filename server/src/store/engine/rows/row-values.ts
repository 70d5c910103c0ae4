/** A row as a database returns it; these readers check the types of its columns, and throw if the data are damaged. */
export type Row = Readonly<Record<string, unknown>>;

const wrong = (column: string, expected: string) => new Error(`The database holds no ${expected} in column ${column}`);

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw wrong(column, "text");
  return value;
}

export function nullableText(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw wrong(column, "integer");
  return value;
}

/** A boolean, stored as 0 or 1. */
export const flag = (row: Row, column: string): boolean => integer(row, column) !== 0;

/** A number that need not be an integer. */
export const number = integer;

export function nullableInteger(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrong(column, "blob");
  return value;
}

/** A vector stored as little-endian float32, which is the memory format of all supported platforms. */
export function vector(row: Row, column: string): Float32Array<ArrayBuffer> {
  const found = bytes(row, column);
  const { buffer, byteOffset, byteLength } = found;
  // SQLite returns a new buffer for each value, so it need not be copied.
  if (buffer instanceof ArrayBuffer && byteOffset % 4 === 0)
    return new Float32Array(buffer, byteOffset, byteLength / 4);
  return new Float32Array(Uint8Array.from(found).buffer);
}

export function toBlob(values: Float32Array | BigUint64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A vector as the wire has it: base64 of its 32-bit floats, which rows keep in little-endian order as well. */
export function base64(row: Row, column: string): string {
  const { buffer, byteOffset, byteLength } = vector(row, column);
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}
