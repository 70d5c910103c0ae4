import { expect, it } from "vitest";
import { codeOf } from "../../../../test/conformance/store-fixture.ts";
import { openCommonWords } from "../../../../test/support/data/common-words.ts";

it("closes without working off searches that take long, each of which is answered or refused", async () => {
  const { store, id, end } = await openCommonWords();
  const search = () => store.searches.search(id, { mode: "text", text: "common", k: 1_000 });
  await search();

  const codes = Array.from({ length: 2_000 }, () => codeOf(search()));
  await store.close();
  expect(new Set(await Promise.all(codes))).toContain("shutting_down");
  expect(new Set([...(await Promise.all(codes)), undefined])).toEqual(new Set([undefined, "shutting_down"]));
  await end();
});
