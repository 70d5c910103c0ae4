import { expect, it } from "vitest";
import { randomVector } from "../../../../../test/conformance/store-fixture.ts";
import { openCommonWords } from "../../../../../test/support/data/common-words.ts";
import type { StoreSearch } from "../../search-store.ts";

const searches: Readonly<Record<string, () => StoreSearch>> = {
  "that takes long": () => ({ mode: "text", text: "common", k: 1_000 }),
  "that is answered at once": () => ({ vector: randomVector(), k: 10 }),
};

for (const [what, newSearch] of Object.entries(searches)) {
  it(`answers a caller's one search ${what} among hundreds of another caller's`, async () => {
    const { store, id, end } = await openCommonWords();
    let answered = 0;
    const greedy = Array.from({ length: 600 }, async () => {
      await store.searches.search(id, { ...newSearch(), caller: "greedy" });
      answered++;
    });
    await store.searches.search(id, { ...newSearch(), caller: "modest" });
    expect(answered).toBeLessThan(100);
    await Promise.all(greedy);
    await end();
  });
}
