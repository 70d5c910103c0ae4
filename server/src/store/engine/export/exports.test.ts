import { expect, it } from "vitest";
import { openCommonWords } from "../../../../../test/support/data/common-words.ts";

it("Exports take turns, a page each, so that several leave the processors to others", async () => {
  const { store, id, end } = await openCommonWords();
  const [first, second] = [await store.libraries.export(id), await store.libraries.export(id)];
  const order: string[] = [];
  const page = async (name: string, exported: typeof first) => {
    await exported.next();
    order.push(name);
  };
  const pages = Array.from({ length: 6 });
  await Promise.all([...pages.map(() => page("first", first)), ...pages.map(() => page("second", second))]);
  // The first page was read before anybody else had asked.
  expect(order).toEqual(["first", ...Array.from({ length: 5 }, () => ["first", "second"]).flat(), "second"]);
  for (const exported of [first, second]) exported.end();
  await end();
});
