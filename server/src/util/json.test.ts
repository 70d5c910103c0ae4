import fc from "fast-check";
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
    return JSON.stringify(parse());
  } catch {
    return "refused";
  }
}

it("reads every name as a field of its own, however it is written", () => {
  const texts = fc.tuple(fc.constantFrom("", "\ufeff"), json).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, (text) => {
      const plain = text.startsWith("\ufeff") ? text.slice(1) : text;
      expect(outcome(() => parseJson(text, "The text"))).toEqual(outcome(() => JSON.parse(plain)));
    }),
    { numRuns: 2_000 },
  );
});

it("refuses what is too deep to be read, instead of running out of stack", () => {
  const deep = (inner: string) => `${"[".repeat(100_000)}${inner}${"]".repeat(100_000)}`;
  expect(parseJson(deep("1"), "The text")).toHaveLength(1);
  expect(() => parseJson(deep("12345678901234567"), "The text")).toThrow("nested too deeply");
});
