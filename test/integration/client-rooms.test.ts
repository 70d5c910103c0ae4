import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ClientBench, failureOf, pointing, take } from "../support/peers/test-client.ts";
import { eventually } from "../support/waiting.ts";

let bench: ClientBench;

beforeAll(async () => {
  bench = await ClientBench.start();
});
afterAll(() => bench[Symbol.asyncDispose]());
afterEach(() => bench.reset());

const east = { embedding: [1, 0], k: 1 };

/** Two people in a room of a library with one document. */
async function pair() {
  const library = await bench.library();
  await library.add(pointing("here"));
  const ada = library.room("room", { name: "Ada" });
  const other = bench.handle(library.id);
  const ben = other.room("room", { name: "Ben" });
  await ada.join();
  await ben.join();
  return { library, other, ada, ben };
}

describe("A room", () => {
  it("shows who is there, and what each searches", async () => {
    const { ada, ben } = await pair();
    await eventually(() => ada.participants.length === 2);
    expect(ben.participants.map(({ name }) => name)).toEqual(["Ada", "Ben"]);
    expect(ben.lastSearch).toBeNull();
    const messages = ben.messages();
    const answer = await ada.search(east);
    expect(answer.results[0]?.text).toBe("here");
    const [told] = await take(messages, 1);
    expect(told).toMatchObject({ type: "session.search", data: { participant_id: ada.participantId, total: 1 } });
    expect(ben.lastSearch).toMatchObject({ results: answer.results });
    await ada.leave();
    expect((await take(messages, 1))[0]).toMatchObject({ type: "session.left", participant: { name: "Ada" } });
    expect(ben.participants.map(({ name }) => name)).toEqual(["Ben"]);
  });

  it("ends its messages when it is left, and lets the connection go", async () => {
    const { other, ben } = await pair();
    const messages = ben.messages();
    const reading = messages.next();
    await ben.leave();
    expect(await reading).toEqual({ done: true, value: undefined });
    expect(other.connection).toBe("idle");
    expect(await failureOf(ben.search(east))).toMatchObject({ code: "session_not_joined" });
    await ben.join();
    expect(ben.participants.map(({ name }) => name)).toContain("Ben");
  });

  it("is joined again after a cut, and after the server was started again", async () => {
    const { ada, ben } = await pair();
    const messages = ada.messages();
    bench.proxy.cut();
    const again = async () => {
      while ((await take(messages, 1))[0]?.type !== "session.state");
    };
    await again();
    await eventually(() => ada.participants.length === 2 && ben.participants.length === 2);
    await bench.restart();
    await again();
    await eventually(() => ada.participants.length === 2 && ben.participants.length === 2);
    await ben.search(east);
    await eventually(() => ada.lastSearch !== null);
    expect(ada.lastSearch?.results[0]?.text).toBe("here");
  });

  it("searches when the connection is there again", async () => {
    const { ada } = await pair();
    bench.proxy.refuse(true);
    bench.proxy.cut();
    const searching = ada.search(east);
    expect(await failureOf(ada.search(east, { timeout: 10 }))).toMatchObject({ code: "timeout" });
    bench.proxy.refuse(false);
    expect((await searching).total).toBe(1);
  });

  it("waits no longer than it was told to", async () => {
    const library = await bench.library();
    bench.proxy.refuse(true);
    bench.proxy.cut();
    const room = library.room("room");
    expect(await failureOf(room.join({ timeout: 10 }))).toMatchObject({ code: "timeout" });
    expect(library.connection).toBe("idle");
    const reason = new Error("enough");
    await expect(room.join({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("ends with the library", async () => {
    const { library, ada } = await pair();
    const messages = ada.messages();
    await bench.client.libraries.delete(library.id);
    const end = async () => {
      for await (const _ of messages);
    };
    expect(await failureOf(end())).toMatchObject({ code: "library_deleted" });
  });
});
