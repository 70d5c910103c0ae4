import fc from "fast-check";
import { expect, it } from "vitest";
import { highlight } from "./highlight.ts";

const marked = (text: string, query: string) =>
  highlight(text, query).flatMap((part) => (part.marked ? [part.text] : []));

it("marks the words of the query, whatever their endings and case", () => {
  expect(marked("We delivered it; Deliveries take a day.", "delivery")).toEqual(["delivered", "Deliveries"]);
  expect(marked("Passwords: reset a password", "forgot my password")).toEqual(["Passwords", "password"]);
  expect(marked("We bake what was baked; plans to plan", "baking, planning")).toEqual([
    "bake",
    "baked",
    "plans",
    "plan",
  ]);
  expect(marked("A king, a ring and the use of it", "rs ks us")).toEqual([]);
  expect(marked("What is the matter", "what is the")).toEqual([]);
});

it("loses nothing of the text", () => {
  const sentence = fc
    .array(fc.constantFrom("cat", "cats", "é", "🙂", "(", "the", " ", "."))
    .map((parts) => parts.join(" "));
  fc.assert(
    fc.property(fc.oneof(sentence, fc.string()), fc.oneof(sentence, fc.string()), (text, query) => {
      expect(
        highlight(text, query)
          .map((part) => part.text)
          .join(""),
      ).toBe(text);
    }),
  );
});
