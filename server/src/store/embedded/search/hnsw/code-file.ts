import { bytesOf, readFile, writeFile } from "../binary-file.ts";
import { CodeRows } from "../code-rows.ts";

/** Writes the keys of chunks, then their codes. */
export function writeCodes(path: string, codes: CodeRows): void {
  function* parts() {
    yield bytesOf(BigUint64Array.from(codes.keys(), BigInt));
    yield* codes.blocks();
  }
  writeFile(path, parts());
}

/** @throws where the file is not whole */
export function readCodes(path: string, dimension: number, size: number): CodeRows {
  return readFile(path, (fill) => {
    const keys = new BigUint64Array(size);
    fill(bytesOf(keys));
    const codes = new CodeRows(dimension);
    codes.restore(Array.from(keys, Number), fill);
    return codes;
  });
}
