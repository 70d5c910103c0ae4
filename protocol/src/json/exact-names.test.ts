import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExactly } from "./exact-json.ts";
import { mayHoldEscapedNames, parseWithExactNames } from "./exact-names.ts";

const ways: Readonly<Record<string, (json: string) => unknown>> = {
  "as this platform needs it": parseExactly,
  "as those that confuse names need it": (json) => parseWithExactNames(json, JSON.parse),
};
/** Made of what `JSON.parse` confuses, and of what takes its place. */
const parts = fc.constantFrom("\\", '"', "\n", "a", "n", "é", "~", "0", "~0", ":", "__proto__", "\\u00e9");
const names = fc.oneof(
  fc.array(parts, { maxLength: 3 }).map((some) => some.join("")),
  fc.string({ unit: "binary" }),
);
const { tree: trees } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(1, null, 'a"b\\":1', "x\n"),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(names, tie("tree")), { selector: ([name]) => name, maxLength: 4 })
      .map((entries) => new Map(entries)),
  ),
}));

const escaped = (text: string) =>
  JSON.stringify(text).replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
function written(tree: unknown): string {
  if (Array.isArray(tree)) return `[${tree.map((one) => written(one)).join()}]`;
  if (!(tree instanceof Map)) return JSON.stringify(tree);
  const fields = [...tree].map(([name, value]: [unknown, unknown]) => `${escaped(String(name))}:${written(value)}`);
  return `{${fields.join()}}`;
}
/** Names and values in any order: `JSON.parse` puts names that are numbers first. */
function read(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => read(one));
  if (typeof value !== "object" || value === null) return value;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return new Map(entries.map(([name, one]: [unknown, unknown]) => [name, read(one)]));
}

describe("JSON with names that have escapes", () => {
  for (const [name, parse] of Object.entries(ways)) {
    it(`is read with the names that were written, whatever an object that begins alike was read as, ${name}`, () => {
      fc.assert(
        fc.property(fc.nat(1_000_000), names, names, (begin, before, after) => {
          for (const last of [before, after]) {
            const tree = new Map([[`begin ${begin}`, 1]]).set(last, 2);
            expect(read(parse(written(tree)))).toEqual(read(tree));
          }
        }),
        { numRuns: 5_000 },
      );
    });

    it(`is read as it was written, ${name}`, () => {
      fc.assert(
        fc.property(trees, (tree) => {
          expect(read(parse(written(tree)))).toEqual(read(tree));
        }),
        { numRuns: 2_000 },
      );
    });

    it(`is read in the order in which it was written, the last of equal names counting, ${name}`, () => {
      const value = parse(String.raw`{"a":1,"b\n":2,"c":3,"\u0061":4,"d\\":5,"c":6}`);
      expect(JSON.stringify(value)).toBe(String.raw`{"a":4,"b\n":2,"c":6,"d\\":5}`);
      // Wherever the first of them stands, and whichever of them has an escape.
      for (const text of [
        '{"a":{},"\\u0061":1,"a":"text"}',
        '{"\\u0061":1,"b":2,"a":3}',
        '{"a":1,"b":2,"\\u0061":3}',
      ]) {
        expect(Object.entries(Object(parse(text)))).toEqual(Object.entries(Object(JSON.parse(text))));
      }
    });

    it(`is refused where it is none, in the words of the text as it is, ${name}`, () => {
      for (const json of [String.raw`{"a\n":}`, String.raw`{"a\x":1}`, String.raw`{"a\n":1,"b":nix}`, '{"a\\']) {
        let reason: unknown;
        try {
          JSON.parse(json);
        } catch (error) {
          reason = error;
        }
        expect(() => parse(json)).toThrow(reason instanceof Error ? reason.message : "");
      }
    });

    it(`may be nested deeply, ${name}`, () => {
      const depth = 100_000;
      const value = parse(`${String.raw`{"a\n":`.repeat(depth)}1${"}".repeat(depth)}`);
      expect(value).toHaveProperty(["a\n", "a\n", "a\n"]);
    });
  }

  it("is looked at where a name has an escape, and nowhere else", () => {
    expect(mayHoldEscapedNames(String.raw`{"text":"a\nb \"c\": d","e":["\\",{"f" :1}]}`)).toBe(false);
    expect(mayHoldEscapedNames(String.raw`{"text":"a\nb","e":["\\",{"f\n" :1}]}`)).toBe(true);
  });
});
