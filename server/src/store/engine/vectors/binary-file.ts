import type { Steps } from "../../../scheduling/steps.ts";
import { closeSync, openSync, readSync, writeSync } from "node:fs";

export type Bytes = Uint8Array | Int8Array;

/** Writes a file from its parts, one per step. */
export function* writeFile(path: string, parts: Iterable<Bytes>): Steps<void> {
  using file = open(path, "w");
  for (const bytes of parts) {
    for (let from = 0; from < bytes.length;) {
      from += writeSync(file.descriptor, bytes, from, bytes.length - from);
    }
    yield;
  }
}

/** Reads a file from its beginning, in steps. @param read receives a function that fills the next part */
export function* readFile<Value>(path: string, read: (fill: (bytes: Bytes) => void) => Steps<Value>): Steps<Value> {
  using file = open(path, "r");
  return yield* read((bytes) => {
    for (let from = 0; from < bytes.length;) {
      const length = readSync(file.descriptor, bytes, from, bytes.length - from, null);
      if (length === 0) throw new Error(`${path} ends too early`);
      from += length;
    }
  });
}

export const bytesOf = (values: Uint32Array | BigUint64Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function open(path: string, flags: "r" | "w") {
  const descriptor = openSync(path, flags);
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}
