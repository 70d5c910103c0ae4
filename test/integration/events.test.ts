import { setTimeout as delay } from "node:timers/promises";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { deliveredEvent, type LibraryEvent, subscriptionProgress } from "@arrwdb/protocol/events/events";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { line, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const open = (id: string) => TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
const seqs = (socket: TestSocket) =>
  socket.events().flatMap(({ type, seq }) => (type === "subscription.progress" ? [] : [seq]));
const upload = (id: string, lines: readonly string[]) =>
  resultsOf(uploadTo(uploadUrl(server.url, id), lines.join("\n")));
const subscribe = async (socket: TestSocket, data: unknown) =>
  actions.subscribe.response.parse((await socket.request("subscribe", data)).data);

describe("A subscription from a position", () => {
  it("tells what came after it, then goes on live", async () => {
    const { id } = await createVectorLibrary(server.url);
    await upload(
      id,
      range(1, 20).map(() => line()),
    );
    const socket = await open(id);
    const subscribed = await subscribe(socket, { from_seq: 5 });
    expect(subscribed.seq).toBe(5);
    await upload(
      id,
      range(1, 5).map(() => line()),
    );
    await socket.wait(({ seq }) => seq === 26);
    expect(seqs(socket)).toEqual(range(6, 26));
    for (const event of socket.events())
      expect(deliveredEvent.parse(event).subscription_ids).toEqual([subscribed.subscription_id]);
    await socket.close();
  });

  it("begins with the library's creation at 0, and with nothing at the library's own position", async () => {
    const { id, seq: position } = await createVectorLibrary(server.url);
    const socket = await open(id);
    await subscribe(socket, { from_seq: 0 });
    await socket.wait(({ type }) => type === "library.created");
    const other = await open(id);
    await subscribe(other, { from_seq: position });
    await upload(id, [line()]);
    await other.wait(({ seq }) => seq === 2);
    expect(seqs(other)).toEqual([2]);
    await Promise.all([socket.close(), other.close()]);
  });

  it("misses and repeats nothing across the change-over, under full write load, from the seq of any answer", async () => {
    const { id } = await createVectorLibrary(server.url);
    const total = 6_000;
    const uploads = range(1, 3).map((_, index) =>
      upload(
        id,
        range(1, total / 3).map((number) => line({ title: `${index} ${number}` })),
      ),
    );
    const load = { running: true };
    const finished = Promise.all(uploads).finally(() => (load.running = false));
    const readers: { readonly socket: TestSocket; readonly from: number }[] = [];
    const read = async () => {
      while (load.running) {
        const socket = await open(id);
        const response = await post(`${server.url}/v1/libraries/${id}/search`, { embedding: [1, 0, 0, 0], k: 1 });
        const found = searchResponse.parse(await response.json());
        const from = readers.length % 3 === 0 ? 0 : found.seq;
        await subscribe(socket, { from_seq: from });
        readers.push({ socket, from });
      }
    };
    await Promise.all([read(), read(), read(), read()]);
    const receipts = (await finished).flatMap(({ results }) => results);
    const last = total + 1;
    for (const { socket, from } of readers) {
      if (from < last) await socket.wait(({ seq }) => seq === last);
      expect(seqs(socket)).toEqual(range(from + 1, last));
      await socket.close();
    }
    expect(receipts.flatMap((receipt) => (receipt.success ? [receipt.seq] : [])).toSorted((a, b) => a - b)).toEqual(
      range(2, last),
    );
    expect(readers.length).toBeGreaterThan(3);
  });

  it("gives each of several subscriptions what it asked for, and names them", async () => {
    const { id } = await createVectorLibrary(server.url);
    await upload(
      id,
      range(1, 4).map((number) => line({ title: `T${number}` })),
    );
    const socket = await open(id);
    const live = await subscribe(socket, { events: ["document.added"] });
    const old = await subscribe(socket, { from_seq: 2, progress: false });
    await socket.wait(({ seq }) => seq === 5);
    await upload(id, [line()]);
    await socket.wait(({ seq }) => seq === 6);
    const told = socket
      .events()
      .map((event) => deliveredEvent.parse(event))
      .map(({ seq, subscription_ids }) => [seq, subscription_ids.toSorted()]);
    const both = [live.subscription_id, old.subscription_id].toSorted();
    expect(told).toEqual([
      [3, [old.subscription_id]],
      [4, [old.subscription_id]],
      [5, [old.subscription_id]],
      [6, both],
    ]);
    await socket.close();
  });

  it("is refused from a position that has expired, with the earliest that is kept", async () => {
    const { id } = await createVectorLibrary(server.url);
    await fetch(`${server.url}/v1/libraries/${id}`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ events: { max_count: 3 } }),
    });
    await upload(
      id,
      range(1, 10).map(() => line()),
    );
    const socket = await open(id);
    for (;;) {
      const answer = await socket.request("subscribe", { from_seq: 0 });
      if (answer.success) {
        await socket.request("unsubscribe", { subscription_id: answer.data?.["subscription_id"] });
        continue;
      }
      expect(answer).toMatchObject({ error_code: "position_expired", retryable: false });
      if (answer["earliest_seq"] === 9) break;
    }
    await subscribe(socket, { from_seq: 9 });
    await socket.wait(({ type, seq }) => type === "document.added" && seq === 12);
    await socket.close();
  });
});

describe("A narrowed subscription", () => {
  it("tells only of what it asked for, and how far it has come", async () => {
    const { id } = await createVectorLibrary(server.url);
    const socket = await open(id);
    const { subscription_id } = await subscribe(socket, {
      from_seq: 1,
      events: ["document.added", "document.deleted"],
      metadata_filter: { author: "Ada" },
    });
    const { results } = await upload(id, [line({ author: "Ada" }), line({ author: "Ben" }), line({ author: "Ada" })]);
    const ids = results.flatMap((result) => (result.success ? [result.document_id] : []));
    for (const documentId of ids)
      await fetch(`${server.url}/v1/libraries/${id}/documents/${documentId}`, { method: "DELETE" });
    await upload(id, [line({ author: "Ben" })]);
    const progress = await socket.wait(({ type, seq }) => type === "subscription.progress" && seq === 8);
    expect(subscriptionProgress.parse(progress).subscription_id).toBe(subscription_id);
    expect(seqs(socket)).toEqual([2, 4, 5, 7]);
    await socket.close();
  });

  it("tells how far it has come right after a replay of which nothing was asked for", async () => {
    const { id } = await createVectorLibrary(server.url);
    await upload(
      id,
      range(1, 3).map(() => line()),
    );
    const socket = await open(id);
    await subscribe(socket, { from_seq: 1, events: ["library.deleted"] });
    expect(await socket.wait(({ type }) => type === "subscription.progress")).toMatchObject({ seq: 4 });
    await socket.close();
  });

  it("of a client of protocol 1.0 hears of no progress", async () => {
    const { id } = await createVectorLibrary(server.url);
    const socket = await open(id);
    await subscribe(socket, { events: ["document.deleted"] });
    await upload(id, [line()]);
    // Longer than progress takes where it is told.
    await delay(1_300);
    expect(socket.events()).toEqual([]);
    await socket.close();
  });
});

describe("A search", () => {
  const search = (id: string, data: Readonly<Record<string, unknown>>) =>
    post(`${server.url}/v1/libraries/${id}/search`, { embedding: [1, 0, 0, 0], ...data });

  it("waits for its min_seq", async () => {
    const { id } = await createVectorLibrary(server.url);
    const waiting = search(id, { min_seq: 3 });
    await upload(id, [line(), line()]);
    expect(await (await waiting).json()).toMatchObject({ seq: 3, total: 2 });
    const socket = await open(id);
    const answer = socket.request("search", { embedding: [1, 0, 0, 0], min_seq: 4 });
    await upload(id, [line()]);
    expect((await answer).data).toMatchObject({ seq: 4, total: 3 });
    await socket.close();
  });

  it("tells that its min_seq was not reached, and when the library is gone", async () => {
    const { id } = await createVectorLibrary(server.url);
    const deleted = search(id, { min_seq: 3 });
    const late = await search((await createVectorLibrary(server.url)).id, { min_seq: 100 });
    expect(late.status).toBe(504);
    expect(await late.json()).toMatchObject({ code: "position_not_reached", field: "min_seq", retryable: true });
    expect(await (await deleted).json()).toMatchObject({ code: "position_not_reached" });
    const gone = search(id, { min_seq: 3 });
    await fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE" });
    expect(["library_deleted", "library_not_found"]).toContain(JSON.parse(await (await gone).text()).code);
    expect((await search(id, { min_seq: -1 })).status).toBe(422);
  });

  it("is an event where its library asks for that", async () => {
    const { id } = await createVectorLibrary(server.url);
    const socket = await open(id);
    await subscribe(socket, { from_seq: 1 });
    await upload(id, [line()]);
    await search(id, {});
    const patched = await fetch(`${server.url}/v1/libraries/${id}`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ events: { search_performed: true } }),
    });
    expect(await patched.json()).toMatchObject({
      events: { search_performed: true, max_count: null, max_age_seconds: 604_800 },
    });
    await search(id, { k: 7, distance_threshold: 0.5, metadata_filter: { title: "T" } });
    const event = await socket.wait(({ type }) => type === "search.performed");
    expect(event).toMatchObject({
      seq: 4,
      data: {
        query: null,
        k: 7,
        threshold: 0.5,
        metadata_filter: { title: "T" },
        total: 1,
        exact: true,
        searched_seq: 3,
        session_id: null,
        top: [{ distance: 0 }],
      },
    });
    await socket.close();
  });
});

describe("The statistics of events", () => {
  it("count what is published and delivered, by type, and who listens", async () => {
    const read = async () => JSON.parse(await (await fetch(`${server.url}/v1/events/stats`)).text());
    const before = await read();
    const { id } = await createVectorLibrary(server.url);
    const socket = await open(id);
    await subscribe(socket, {});
    await upload(
      id,
      range(1, 3).map(() => line()),
    );
    await socket.wait(({ seq }) => seq === 4);
    const after = await read();
    const added = (stats: { by_type: Record<LibraryEvent["type"], { published: number; delivered: number }> }) =>
      stats.by_type["document.added"];
    expect(after.published - before.published).toBe(4);
    expect(added(after).published - added(before).published).toBe(3);
    expect(added(after).delivered - added(before).delivered).toBe(3);
    expect(after.subscribers.websocket - before.subscribers.websocket).toBe(1);
    expect(after.lag).toEqual({ max: 0, total: 0, behind: 0 });
    expect(after.delivery_latency_ms.count).toBeGreaterThanOrEqual(3);
    await socket.close();
    await eventually(async () => (await read()).subscribers.websocket === before.subscribers.websocket);
  });
});
