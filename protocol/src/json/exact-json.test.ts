import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactNumber, mayHoldLargeIntegers, parseExactly, stringifyExactly } from "./exact-json.ts";
import { parseByMarkers, stringifyByMarkers } from "./exact-json-markers.ts";
import { parseWithExactNames } from "./exact-names.ts";

const ways = {
  "of the platform": { parse: parseExactly, stringify: stringifyExactly },
  "by markers": {
    parse: (json: string) => parseWithExactNames(json, (text) => parseByMarkers(text, exactNumber)),
    stringify: stringifyByMarkers,
  },
};

const safe = BigInt(Number.MAX_SAFE_INTEGER);
const integers = fc
  .oneof(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.bigInt({ min: safe - 3n, max: safe + 3n }))
  .map((value) => (value > safe || value < -safe ? value : Number(value)));
/** From 2^53 to 1e21 JSON has no way to say that a number is a float. */
const floats = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER || Math.abs(value) >= 1e21)
  .map((value) => value + 0);
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("[1234567890123456789]", '"', "\\", '\\",1234567890123456789,', "integer-x:12345678901234567"),
);
const names = texts.filter((name) => name !== "__proto__");
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    integers,
    floats,
    texts,
    fc.constantFrom(true, false, null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(names, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("JSON with exact integers", () => {
  for (const [name, { parse, stringify }] of Object.entries(ways)) {
    it(`comes back as it was, ${name}`, () => {
      fc.assert(
        fc.property(values, fc.constantFrom(undefined, 2), (value, space) => {
          expect(parse(stringify(value, space))).toEqual(value);
        }),
        { numRuns: 500 },
      );
    });

    const read: readonly (readonly [string, unknown])[] = [
      ["9007199254740991", 9007199254740991],
      ["[9007199254740992]", [9007199254740992n]],
      ["[9007199254740993,-733739433195933697]", [9007199254740993n, -733739433195933697n]],
      ["[9007199254740993.0, 9007199254740991.000]", [9007199254740993n, 9007199254740991]],
      ["[9007199254740993.5, 0.1234567890123456789]", [9007199254740994, 0.12345678901234568]],
      ["[1e20,9007199254740993e0,12345678901234567e-5,1e-7]", [1e20, 9007199254740992, 123456789012.34567, 1e-7]],
      ['{"a":"12345678901234567", "b": [ -12345678901234567 ]}', { a: "12345678901234567", b: [-12345678901234567n] }],
      [`[${"9".repeat(400)}]`, [Infinity]],
    ];
    for (const [json, value] of read)
      it(`reads ${json.slice(0, 60)} ${name}`, () => expect(parse(json)).toEqual(value));

    it(`refuses what JSON refuses, ${name}`, () => {
      for (const json of [
        "[12345678901234567,]",
        "[012345678901234567]",
        "{12345678901234567:1}",
        "[1234567890123456.]",
      ])
        expect(() => parse(json)).toThrow(SyntaxError);
      const circle: unknown[] = [12345678901234567n];
      circle.push(circle);
      expect(() => stringify(circle)).toThrow(TypeError);
    });
  }

  it("looks at nothing twice that has no such integer", () => {
    expect(mayHoldLargeIntegers('{"embedding":[0.12345678901234567,-1.2345678901234567e-5]}')).toBe(false);
    expect(mayHoldLargeIntegers('{"a":12345678901234567}')).toBe(true);
  });
});
