import { limits } from "@arrwdb/protocol/limits";
import { searchUpdated } from "@arrwdb/protocol/websocket/live";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLibrary,
  createVectorLibrary,
  post,
  startServer,
  type TestServer,
} from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const open = (id: string) => TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
const add = async (
  id: string,
  title: string,
  embedding: readonly number[],
  fields: Readonly<Record<string, unknown>> = {},
) => {
  const response = await post(`${server.url}/v1/libraries/${id}/documents`, {
    title,
    chunks: [{ text: title, embedding }],
    ...fields,
  });
  const written: { document: { id: string }; seq: number } = JSON.parse(await response.text());
  return { id: written.document.id, seq: written.seq };
};
const watch = async (socket: TestSocket, query: Readonly<Record<string, unknown>>) =>
  actions.subscribe.response.parse((await socket.request("subscribe", { query })).data);
const update = async (socket: TestSocket, seq: number) =>
  searchUpdated.parse(await socket.wait((message) => message.type === "search.updated" && message["seq"] === seq));
const titles = (hits: readonly { readonly text?: string | undefined }[]) => hits.map(({ text }) => text);

describe("A live query", () => {
  it("answers with its results, then tells what entered, left and moved, in the shape of a search", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const first = await add(id, "first", [1, 0.5]);
    const socket = await open(id);
    const begun = await watch(socket, { embedding: [1, 0], k: 2 });
    expect(begun).toMatchObject({ seq: 2, total: 1, exact: true, results: [{ text: "first", rank: 1 }] });

    const second = await add(id, "second", [1, 0.1]);
    expect(await update(socket, second.seq)).toMatchObject({
      subscription_id: begun.subscription_id,
      library_id: id,
      entered: [{ text: "second", rank: 1 }],
      left: [],
      moved: [{ document_id: first.id, rank: 2, previous_rank: 1 }],
      total: 2,
    });
    const third = await add(id, "third", [1, 0.2]);
    expect(await update(socket, third.seq)).toMatchObject({
      entered: [{ text: "third", rank: 2 }],
      left: [{ document_id: first.id, previous_rank: 2 }],
      moved: [],
    });

    await fetch(`${server.url}/v1/libraries/${id}/documents/${second.id}`, { method: "DELETE" });
    const refilled = await update(socket, 5);
    expect([titles(refilled.results), titles(refilled.entered)]).toEqual([["third", "first"], ["first"]]);
    const found = searchResponse.parse(
      await (await post(`${server.url}/v1/libraries/${id}/search`, { embedding: [1, 0], k: 2 })).json(),
    );
    expect(refilled.results).toEqual(found.results.map((hit) => ({ ...hit, id: hit.chunk_id })));
    await socket.close();
  });

  it("keeps to its threshold and its filter, and hears of a document that is replaced", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const socket = await open(id);
    await watch(socket, { embedding: [1, 0], k: 10, threshold: 0.1, metadata_filter: { author: "Ada" } });
    await add(id, "far", [0, 1], { author: "Ada" });
    await add(id, "wrong author", [1, 0], { author: "Ben" });
    const near = await add(id, "near", [1, 0.1], { author: "Ada" });
    expect(titles((await update(socket, near.seq)).results)).toEqual(["near"]);
    const replaced = await add(id, "near again", [1, 0.05], { author: "Ada", id: near.id });
    expect(await update(socket, replaced.seq)).toMatchObject({
      entered: [{ text: "near again" }],
      left: [{ document_id: near.id }],
    });
    const moved = await add(id, "not hers", [1, 0], { author: "Ben", id: near.id });
    expect(await update(socket, moved.seq)).toMatchObject({ results: [], left: [{ document_id: near.id }], total: 0 });
    expect(socket.events()).toHaveLength(3);
    await socket.close();
  });

  it("takes a text, stands beside a feed, and ends", async () => {
    const { id } = await createLibrary(server.url);
    const socket = await open(id);
    const live = await watch(socket, { query_text: "a cat on a mat" });
    await socket.request("subscribe", { events: ["document.added"] });
    await socket.request("add", { title: "T", text: "the cat sat on the mat" });
    await socket.wait(({ type }) => type === "search.updated");
    await socket.wait(({ type }) => type === "document.added");
    expect((await socket.request("unsubscribe", { subscription_id: live.subscription_id })).data).toMatchObject({
      seq: 2,
    });
    await socket.request("add", { title: "T", text: "another cat on a mat" });
    await socket.wait(({ type, seq }) => type === "document.added" && seq === 3);
    expect(
      socket
        .events()
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(["document.added", "document.added", "search.updated"]);
    await socket.close();
  });

  const refused: Readonly<Record<string, readonly [unknown, string, string | undefined]>> = {
    "a text where there is no model": [{ query_text: "x" }, "text_not_searchable", "embedding"],
    "a vector of another dimension": [{ embedding: [1] }, "dimension_mismatch", "embedding"],
    "neither text nor vector": [{}, "validation_failed", "query.query_text"],
    "k of 0": [{ embedding: [1, 0], k: 0 }, "validation_failed", "query.k"],
    "a filter that is none": [
      { embedding: [1, 0], metadata_filter: { $x: 1 } },
      "validation_failed",
      "query.metadata_filter.$x",
    ],
    "a text instead of an object": ["cats", "validation_failed", "query"],
    "a position": [{ embedding: [1, 0], min_seq: 1 }, "validation_failed", "query.min_seq"],
  };
  for (const [name, [query, code, field]] of Object.entries(refused)) {
    it(`refuses ${name}`, async () => {
      const { id } = await createVectorLibrary(server.url, 2);
      const socket = await open(id);
      const answer = await socket.request("subscribe", { query });
      expect([answer.error_code, answer.field]).toEqual([code, field]);
      await socket.close();
    });
  }
});

describe("Subscriptions", () => {
  it("are bounded for a connection, live queries and feeds together, and end with it", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const socket = await open(id);
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, (_, index) =>
        socket.request("subscribe", index % 2 === 0 ? {} : { query: { embedding: [1, 0] } }),
      ),
    );
    expect(answers.filter(({ success }) => success)).toHaveLength(limits.subscriptionsPerConnection);
    expect(new Set(answers.map(({ error_code }) => error_code))).toEqual(
      new Set([undefined, "too_many_subscriptions"]),
    );
    const { seq } = await add(id, "a", [1, 0]);
    await socket.wait((message) => message.type === "document.added" && message["seq"] === seq);
    expect(socket.events().filter(({ type }) => type === "document.added")).toHaveLength(1);
    while (
      socket.events().filter(({ type }) => type === "search.updated").length <
      limits.subscriptionsPerConnection / 2
    )
      await socket.waitForCount(socket.messages.length + 1);
    await socket.close();
    const listening = async () =>
      JSON.parse(await (await fetch(`${server.url}/v1/events/stats`)).text()).subscribers.total;
    await eventually(async () => (await listening()) === 0);
  });

  it("begin and end as fast as they can be asked for, and leave nothing behind", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const socket = await open(id);
    await add(id, "a", [1, 0]);
    for (let round = 0; round < 20; round++) {
      const begun = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          socket.request(
            "subscribe",
            index % 3 === 0 ? { query: { embedding: [1, 0] } } : index % 3 === 1 ? { from_seq: 0 } : {},
          ),
        ),
      );
      const ended = await Promise.all(
        begun.map(({ data }) => socket.request("unsubscribe", { subscription_id: data?.["subscription_id"] })),
      );
      expect(ended.every(({ success }) => success)).toBe(true);
    }
    const before = socket.messages.length;
    await add(id, "b", [1, 0]);
    await socket.request("get", { document_id: id });
    expect(socket.messages).toHaveLength(before + 1);
    await socket.close();
  });

  it("of every kind end with their library", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const sockets = await Promise.all(Array.from({ length: 20 }, () => open(id)));
    await Promise.all(
      sockets.map((socket, index) =>
        socket.request("subscribe", index % 2 === 0 ? { from_seq: 0 } : { query: { embedding: [1, 0] } }),
      ),
    );
    await Promise.all(sockets.map((socket) => socket.request("join", { session_id: "room" })));
    const writing = Promise.all(
      Array.from({ length: 50 }, (_, index) => add(id, `${index}`, [1, index]).catch(() => undefined)),
    );
    await fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE" });
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 4410 });
    await writing;
    expect((await (await open(id)).closed).code).toBe(4404);
  });
});
