import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergePatch } from "./merge-patch.ts";
import type { Metadata, MetadataValue } from "./metadata.ts";

const { object } = fc.letrec<{ value: MetadataValue; object: Metadata }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 1, "a", true),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom("a", "b", "c", "__proto__", "toString"), tie("value")), { maxLength: 4 })
    .map((fields): Metadata => Object.fromEntries(fields)),
}));

describe("A merge patch", () => {
  // The examples of RFC 7386 whose target and patch are objects.
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("makes of %j with %j %j", (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it("is the same if it is applied again, and takes over all that it does not remove", () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        for (const [name, value] of Object.entries(patch)) {
          expect(Object.hasOwn(once, name)).toBe(value !== null);
          if (typeof value !== "object" || Array.isArray(value)) expect(once[name]).toEqual(value);
        }
        const untouched = Object.entries(target).filter(([name]) => !Object.hasOwn(patch, name));
        for (const [name, value] of untouched) expect(once[name]).toEqual(value);
      }),
    );
  });
});
