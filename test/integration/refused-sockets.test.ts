import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { bearer, createKey, createLibraryWith, startGuardedServer } from "../support/server/access.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";

let server: TestServer;
let guarded: TestServer;

beforeAll(async () => {
  [server, guarded] = await Promise.all([startServer(), startGuardedServer()]);
});
afterAll(() => Promise.all([server.stop(), guarded.stop()]));

const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";

/** Each test has addresses of its own. */
let network = 0;
beforeEach(() => {
  network++;
});
const addressOf = (host: number) => `127.1.${network}.${host}`;

/** Comes in, and tells how long that took until it was closed, and how it ended. */
async function refused(url: string, localAddress: string, headers = {}): Promise<{ code: number; held: number }> {
  const dialled = performance.now();
  const socket = new WebSocket(url, { localAddress, headers });
  await once(socket, "open");
  const [code]: unknown[] = await once(socket, "close");
  return { code: Number(code), held: performance.now() - dialled };
}

describe("A WebSocket that is refused", () => {
  const causes: readonly (readonly [string, number, () => Promise<readonly [string, Record<string, string>]>])[] = [
    ["a library that is not there", 4404, async () => [`${server.socketUrl}/v1/libraries/${absent}/ws`, {}]],
    ["no key", 4401, async () => [`${guarded.socketUrl}/v1/libraries/${await createLibraryWith(guarded.url)}/ws`, {}]],
    [
      "a library that the key is not for",
      4404,
      async () => {
        const [own, other] = [await createLibraryWith(guarded.url), await createLibraryWith(guarded.url)];
        const { key } = await createKey(guarded.url, { libraries: [own] });
        return [`${guarded.socketUrl}/v1/libraries/${other}/ws`, bearer(key)];
      },
    ],
  ];
  it.each(causes)("is closed later each time, where it is for %s", async (_name, code, target) => {
    const [url, headers] = await target();
    const held: number[] = [];
    for (let count = 0; count < 5; count++) {
      const end = await refused(url, addressOf(1), headers);
      expect(end.code).toBe(code);
      held.push(end.held);
    }
    // A busy machine makes it later, and nothing makes it earlier.
    expect(held.filter((milliseconds, index) => milliseconds < 100 * 2 ** index)).toEqual([]);
    // Another address begins anew.
    expect((await refused(url, addressOf(2), headers)).held).toBeLessThan(held.at(-1) ?? 0);
  });

  it("takes no more than some of one address, and none of those of others", async () => {
    const url = `${server.socketUrl}/v1/libraries/${absent}/ws`;
    const outcomes = await Promise.all(
      Array.from({ length: 80 }, async () => {
        const socket = new WebSocket(url, { localAddress: addressOf(1) });
        socket.on("error", () => undefined);
        const outcome = await Promise.race([
          once(socket, "open").then(() => "open"),
          once(socket, "unexpected-response").then(([, response]) => String(Object(response).statusCode)),
        ]);
        return { socket, outcome };
      }),
    );
    const told = outcomes.map(({ outcome }) => outcome);
    const closed = outcomes.filter(({ socket, outcome }) => outcome === "open" && socket.readyState !== socket.OPEN);
    expect(told.filter((outcome) => outcome === "open").length - closed.length).toBeLessThanOrEqual(32);
    expect(new Set(told)).toEqual(new Set(["open", "429"]));
    expect((await refused(url, addressOf(2))).code).toBe(4404);
    // Whoever has a right to come in is let in all the same.
    const { id } = await createVectorLibrary(server.url);
    const options = { localAddress: addressOf(1) };
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`, {}, [], options);
    expect((await socket.request("subscribe", {})).success).toBe(true);
    await socket.close();
    for (const { socket: held } of outcomes) held.terminate();
  });

  it("does not hold up the end of the server", async () => {
    const own = await startServer();
    const url = `${own.socketUrl}/v1/libraries/${absent}/ws`;
    for (let count = 0; count < 3; count++) await refused(url, addressOf(1));
    const socket = new WebSocket(url, { localAddress: addressOf(1) });
    await once(socket, "open");
    const closed = once(socket, "close");
    await own.stop();
    expect((await closed)[0]).toBe(4404);
  });
});

describe("On one socket", () => {
  const vector = [1, 0, 0, 0];

  it("the answer to a write comes before its own event, and before the live query that it changes", async () => {
    const { id } = await createVectorLibrary(server.url);
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
    const other = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
    await Promise.all([socket, other].map((one) => one.request("subscribe", {})));
    await socket.request("subscribe", { query: { embedding: vector, k: 100 } });
    for (let count = 0; count < 15; count++) {
      // As the guide's client, which reads one message for each request.
      for (const action of ["add", "delete"]) {
        const before = socket.messages.length;
        const earlier = socket.messages.findLast(({ type }) => type === "document.added");
        const document_id = Object(earlier?.["data"]).document_id;
        const data = action === "add" ? { title: "T", chunks: [{ text: "x", embedding: vector }] } : { document_id };
        const answer = await socket.request(action, data, `${action}${count}`);
        expect(answer.success).toBe(true);
        const seq = Object(answer.data).seq;
        const told = socket.messages.slice(before);
        const place = (fits: (message: (typeof told)[number]) => boolean) => socket.messages.findIndex(fits);
        await socket.wait((message) => message["seq"] === seq && message.type.startsWith("document."));
        await socket.wait((message) => message.type === "search.updated" && Number(message["seq"]) >= seq);
        const answered = place(({ request_id }) => request_id === `${action}${count}`);
        expect(place((message) => message["seq"] === seq && message.type.startsWith("document."))).toBeGreaterThan(
          answered,
        );
        expect(place((message) => message.type === "search.updated" && Number(message["seq"]) >= seq)).toBeGreaterThan(
          answered,
        );
        // Whoever did not write waits for nothing.
        await other.wait((message) => message["seq"] === seq);
      }
    }
    await Promise.all([socket.close(), other.close()]);
  });

  it("events come in their order, and none is lost, while many writes of one's own and of others are in flight", async () => {
    const { id } = await createVectorLibrary(server.url);
    const open = () => TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
    const [one, two] = [await open(), await open()];
    await Promise.all([one, two].map((socket) => socket.request("subscribe", {})));
    const documents = Array.from({ length: 20 }, (_each, index) => ({
      id: `0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b${String(1_000 + (index % 5))}`,
      title: "T",
      chunks: [{ text: "x", embedding: vector }],
    }));
    await Promise.all(documents.flatMap((document) => [one.request("add", document), two.request("add", document)]));
    for (const socket of [one, two]) {
      await socket.waitForCount(61);
      const seqs = socket.events().map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 40 }, (_each, index) => index + 2));
      await socket.close();
    }
  });
});
