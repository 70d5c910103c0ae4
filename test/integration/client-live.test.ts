import { ArrwClient } from "arrwdb-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ClientBench, failureOf, numbers, pointing, take } from "../support/peers/test-client.ts";
import { eventually } from "../support/waiting.ts";

let bench: ClientBench;

beforeAll(async () => {
  bench = await ClientBench.start();
});
afterAll(() => bench[Symbol.asyncDispose]());
afterEach(() => bench.reset());

const east = { embedding: [1, 0], k: 2 };
const texts = (hits: readonly { readonly text: string }[]) => hits.map(({ text }) => text);

describe("A live query", () => {
  it("tells its results, and what becomes of them", async () => {
    const library = await bench.library();
    await library.add(pointing("ten", 10));
    const live = library.live(east);
    const [first] = await take(live, 1);
    expect(first).toMatchObject({ seq: 2, total: 1, exact: true, left: [], moved: [] });
    expect(texts(first?.entered ?? [])).toEqual(["ten"]);
    await library.add(pointing("five", 5));
    const [second] = await take(live, 1);
    expect(texts(second?.entered ?? [])).toEqual(["five"]);
    expect(second?.moved).toMatchObject([{ rank: 2, previous_rank: 1 }]);
    await library.add(pointing("one", 1));
    const [third] = await take(live, 1);
    expect(texts(third?.results ?? [])).toEqual(["one", "five"]);
    expect(third?.left).toMatchObject([{ previous_rank: 2 }]);
    expect(live.position).toBe(4);
    await live.return();
    expect(library.connection).toBe("idle");
  });

  it("begins with nothing where there is nothing", async () => {
    const library = await bench.library();
    for await (const { results, entered } of library.live(east)) {
      expect([results, entered]).toEqual([[], []]);
      break;
    }
  });

  it("is one story across a server that was started again", async () => {
    const library = await bench.library();
    const direct = () => new ArrwClient({ url: bench.server.url }).library(library.id);
    await library.add(pointing("ten", 10));
    const live = library.live(east);
    await take(live, 1);
    bench.proxy.refuse(true);
    bench.proxy.cut();
    await direct().add(pointing("five", 5));
    await bench.restart();
    bench.proxy.refuse(false);
    const [after] = await take(live, 1);
    expect(texts(after?.entered ?? [])).toEqual(["five"]);
    expect(after?.moved).toMatchObject([{ rank: 2, previous_rank: 1 }]);
  });

  it("is silent about a cut that changed nothing", async () => {
    const library = await bench.library();
    await library.add(pointing("ten", 10));
    const live = library.live(east);
    await take(live, 1);
    const next = take(live, 1);
    const before = bench.proxy.accepted;
    bench.proxy.cut();
    await eventually(() => bench.proxy.accepted > before && library.connection === "open");
    await library.add(pointing("five", 5));
    expect(texts((await next)[0]?.entered ?? [])).toEqual(["five"]);
  });

  it("tells a slow reader the newest state alone, against what that reader knows", async () => {
    const library = await bench.library();
    await library.add(pointing("ninety", 90));
    const live = library.live(east);
    await take(live, 1);
    const watcher = library.live(east);
    for (const angle of numbers(1, 8).toReversed()) await library.add(pointing(`${angle}`, angle));
    // Another one at the same connection has seen the end, so this one was told of it too.
    while (texts((await take(watcher, 1))[0]?.results ?? []).join() !== "1,2");
    const [newest] = await take(live, 1);
    expect(texts(newest?.entered ?? [])).toEqual(["1", "2"]);
    expect(newest?.left).toMatchObject([{ previous_rank: 1 }]);
  });

  it("ends with what the server has against it", async () => {
    const library = await bench.library();
    const wrong = library.live({ embedding: [1, 0, 0] });
    expect(await failureOf(wrong.next())).toMatchObject({ code: "dimension_mismatch" });
    const live = library.live(east);
    await take(live, 1);
    await bench.client.libraries.delete(library.id);
    expect(await failureOf(take(live, 2))).toMatchObject({ code: "library_deleted" });
  });
});
