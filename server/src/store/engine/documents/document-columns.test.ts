import * as fc from "fast-check";
import { expect, it } from "vitest";
import { DocumentColumns, placeOf } from "./document-columns.ts";

it("finds documents by their numbers, whatever was removed, and keeps what was read before", () => {
  const script = fc.array(fc.record({ remove: fc.boolean(), pick: fc.nat() }), { minLength: 3_000, maxLength: 6_000 });
  fc.assert(
    fc.property(script, (steps) => {
      const columns = new DocumentColumns();
      const known = new Map<number, number>();
      let seq = 0;
      for (const { remove, pick } of steps) {
        const seqs = [...known.keys()].slice(0, 8);
        const gone = seqs[pick % 8];
        if (remove && gone !== undefined) {
          expect(columns.remove(gone)).toBe(known.get(gone));
          expect(columns.remove(gone)).toBeUndefined();
          known.delete(gone);
        } else {
          seq += 1 + (pick % 3);
          known.set(seq, columns.add({ key: 2 * seq, seq, chunks: 1 }));
        }
      }
      const entries = [...known].map(([at, number]) => ({ number, seq: at, key: 2 * at, chunks: 1 }));
      expect([...columns.after(0)]).toEqual(entries);
      const { numbers, seqs, keys, count } = columns.frozen();
      let place = 0;
      for (const { number, seq: at, key } of entries) {
        place = placeOf(numbers, count, number, place);
        expect([seqs[place], keys[place]]).toEqual([at, key]);
      }
      expect(columns.lastSeq).toBe(seq);
    }),
    { numRuns: 10 },
  );
});

it("frozen columns do not change", () => {
  const columns = new DocumentColumns();
  for (let seq = 1; seq <= 3_000; seq++) columns.add({ key: seq, seq, chunks: 1 });
  const { numbers, keys, count } = columns.frozen();
  for (let seq = 1; seq <= 2_900; seq++) columns.remove(seq);
  columns.add({ key: 9_999, seq: 9_999, chunks: 1 });
  expect([count, keys[0], keys[count - 1], numbers[placeOf(numbers, count, 17, 0)]]).toEqual([3_000, 1, 3_000, 17]);
});
