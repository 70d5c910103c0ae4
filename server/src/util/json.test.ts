import fc from "fast-check";
import secureJson from "secure-json-parse";
import { expect, it } from "vitest";
import { parseJson } from "./json.ts";

/** Names as they are, and with any of their characters escaped. */
const names = fc
  .tuple(fc.constantFrom("__proto__", "constructor", "prototype", "title", "a"), fc.infiniteStream(fc.boolean()))
  .map(([name, escaped]) =>
    Array.from(name, (character) =>
      escaped.next().value === true ? `\\u00${character.charCodeAt(0).toString(16)}` : character,
    ).join(""),
  );

const { value: json } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("1", '"text"', '"constructor"', "null", "nonsense", "\ufeff"),
    tie("object"),
  ),
  object: fc
    .array(fc.tuple(names, fc.constantFrom("", " ", "\n"), tie("value")), { maxLength: 3 })
    .map((entries) => `{${entries.map(([name, space, value]) => `"${name}"${space}:${value}`).join(",")}}`),
}));

function outcome(parse: () => unknown): unknown {
  try {
    return parse();
  } catch {
    return "refused";
  }
}

it("accepts what has no forbidden name anywhere, however it is written", () => {
  const texts = fc.tuple(fc.constantFrom("", "\ufeff"), json).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, (text) => {
      const expected: unknown = outcome(() => secureJson.parse(text));
      expect(outcome(() => parseJson(text, "The text"))).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});
