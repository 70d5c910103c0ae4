import * as fc from "fast-check";
import { expect, it } from "vitest";
import { RowChecksums } from "./row-checksums.ts";

it("Checksums of rows tell any run of them from what was changed in it", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 30 }),
    fc.infiniteStream(fc.integer({ min: -128, max: 127 })),
    fc.nat(),
    fc.nat(),
    (rowBytes, rows, bytes, at, change) => {
      const content = Int8Array.from(bytes.take(rowBytes * rows));
      const written = new RowChecksums(rowBytes);
      for (let row = 0; row < rows; row++) written.set(row, content.subarray(row * rowBytes, (row + 1) * rowBytes));
      const checksums = new RowChecksums(rowBytes);
      checksums.restore(written.first(rows));
      const from = at % rows;
      const part = content.slice(from * rowBytes);
      expect(checksums.isRight(from, rows - from, part)).toBe(true);
      const place = change % part.length;
      part[place] = (part[place] ?? 0) ^ (1 << (change % 8));
      expect(checksums.isRight(from, rows - from, part)).toBe(false);
    },
  );
  fc.assert(property, { numRuns: 300 });
});
