import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginningOf, pieceOf } from "./bounded-text.ts";

const text = fc.string({ unit: "binary", maxLength: 40 });

describe("A text that is cut", () => {
  it("joins again from its pieces, none of which ends inside a character", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 10 }), (whole, characters) => {
        let joined = "";
        while (joined.length < whole.length) {
          const piece = pieceOf(whole, joined.length, characters);
          expect(piece.length).toBeGreaterThan(0);
          expect(piece.length).toBeLessThanOrEqual(characters);
          expect(piece.isWellFormed()).toBe(true);
          joined += piece;
        }
        expect(joined).toBe(whole);
      }),
    );
  });

  it("shows that it was cut, and only then", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 50 }), (whole, characters) => {
        const shown = beginningOf(whole, characters);
        if (whole.length <= characters) {
          expect(shown).toBe(whole);
          return;
        }
        expect(shown.length).toBeLessThanOrEqual(characters + 1);
        expect(shown.endsWith("…")).toBe(true);
        expect(whole.startsWith(shown.slice(0, -1))).toBe(true);
      }),
    );
  });
});
