import { expect, it } from "vitest";
import { sourceFiles } from "../support/pages/source-files.ts";

/** A placeholder with a number, as in `SET a = ?1`; a number after an operator of TypeScript has a space before it. */
const numbered = /[=<>(,+] ?\?\d+\b/;

it("SQL has no numbered parameters, which the oldest Node that is supported cannot bind", async () => {
  const files = await sourceFiles("server/src");
  expect(numbered.test("UPDATE uploads SET used_at = ?1 WHERE used_at > ?1 LIMIT ?2")).toBe(true);
  expect(files.filter(({ text }) => numbered.test(text)).map(({ path }) => path)).toEqual([]);
});
