import { expect, it } from "vitest";
import { randomVector } from "../../../../../../test/conformance/store-fixture.ts";
import { openCommonWords } from "../../../../../../test/support/data/common-words.ts";
import { within } from "../../../../../../test/support/waiting.ts";

it("gives up searches that nobody waits for any more, those that wait and the one that is made", async () => {
  const { store, id, end } = await openCommonWords();
  const long = { mode: "text", text: "common", k: 1_000, caller: "leaves" } as const;
  const leaving = new AbortController();
  const abandoned = Array.from({ length: 600 }, () => store.searches.search(id, long, leaving.signal));
  const outcomes = Promise.allSettled(abandoned);
  // One of them is made, or waits for its turn to go on.
  await store.searches.search(id, { vector: randomVector(), k: 1 });
  const reason = new Error("The client left");
  leaving.abort(reason);
  for (const outcome of await within(outcomes, "the searches to be given up")) {
    expect(outcome).toEqual({ status: "rejected", reason });
  }
  // What one caller asks of one library is answered in its order, so all of them are out of the way then.
  await store.searches.search(id, long);
  const { plans } = (await store.libraries.statistics(id)).searches;
  expect(plans.text).toBeLessThan(20);
  await expect(store.searches.search(id, long, leaving.signal)).rejects.toBe(reason);
  await end();
});

it("answers those of the same library that somebody waits for", async () => {
  const { store, id, end } = await openCommonWords();
  const leaving = new AbortController();
  const long = { vector: randomVector(), k: 1_000 };
  const searches = Array.from({ length: 60 }, (_each, index) =>
    store.searches.search(id, long, index % 2 === 0 ? leaving.signal : new AbortController().signal),
  );
  const outcomes = Promise.allSettled(searches);
  leaving.abort();
  const kept = (await outcomes).filter(({ status }) => status === "fulfilled");
  expect(kept).toHaveLength(30);
  await end();
});
