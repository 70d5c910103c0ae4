import { once } from "node:events";
import { connect } from "node:net";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { libraryEvent } from "@arrwdb/protocol/events/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLibrary,
  createVectorLibrary,
  post,
  startServer,
  type TestServer,
} from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";

let server: TestServer;
let libraryId: string;

beforeAll(async () => {
  server = await startServer();
  libraryId = (await createVectorLibrary(server.url)).id;
});
afterAll(() => server.stop());

const open = (id = libraryId) => TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
const entry = (changes: Readonly<Record<string, unknown>> = {}) => ({
  title: "T",
  chunks: [{ text: "x", embedding: [1, 0, 0, 0] }],
  ...changes,
});
const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";

describe("A WebSocket", () => {
  it("adds, gets, searches and deletes in the shapes of the guide", async () => {
    const { id } = await createLibrary(server.url);
    const socket = await open(id);
    const added = await socket.request(
      "add",
      { text: "Document content to add", title: "Document Title", metadata: { author: "Jane Smith" } },
      "add-456",
    );
    expect(added).toMatchObject({
      type: "response",
      request_id: "add-456",
      success: true,
      error: null,
      data: { document: { title: "Document Title", num_chunks: 1 }, seq: 2 },
    });
    const { document } = actions.add.response.parse(added.data);

    const found = await socket.request("search", {
      query_text: "content of a document",
      k: 10,
      threshold: 1.5,
      metadata_filter: { author: "Jane Smith" },
    });
    const { results, seq, exact } = actions.search.response.parse(found.data);
    expect({ seq, exact }).toEqual({ seq: 2, exact: true });
    expect(results).toMatchObject([
      {
        id: results[0]?.chunk_id,
        text: "Document content to add",
        document_id: document.id,
        metadata: { source_document_id: document.id },
      },
    ]);
    expect(
      (await socket.request("search", { query_text: "x", metadata_filter: { author: "John Doe" } })).data,
    ).toMatchObject({ results: [] });

    const got = await socket.request("get", { document_id: document.id });
    expect(actions.get.response.parse(got.data).document).toMatchObject({
      id: document.id,
      text: "Document content to add",
      metadata: { author: "Jane Smith" },
    });
    expect((await socket.request("delete", { document_id: document.id })).data).toEqual({
      deleted: true,
      document_id: document.id,
      seq: 3,
    });
    expect(await socket.request("get", { document_id: document.id })).toMatchObject({
      success: false,
      data: null,
      error_code: "document_not_found",
      error: expect.any(String),
    });
    await socket.close();
  });

  it("says nothing before it is spoken to", async () => {
    const listener = await open();
    const writer = await open();
    await writer.request("add", entry());
    const first = await listener.request("get", { document_id: absent });
    expect(listener.messages).toEqual([first]);
    await Promise.all([listener.close(), writer.close()]);
  });

  it("tells a subscriber of every change after its answer, whoever made it", async () => {
    const { id, seq } = await createVectorLibrary(server.url);
    const socket = await open(id);
    const subscribed = actions.subscribe.response.parse((await socket.request("subscribe", {})).data);
    expect(subscribed.seq).toBe(seq);
    const response = await post(
      `${server.url}/v1/libraries/${id}/documents`,
      entry({ id: absent, title: "A", tags: ["x"] }),
    );
    expect(response.status).toBe(201);
    await fetch(`${server.url}/v1/libraries/${id}/documents/stream`, {
      method: "POST",
      body: JSON.stringify(entry({ id: absent, title: "B" })),
    });
    await socket.request("delete", { document_id: absent });
    await socket.wait(({ type }) => type === "document.deleted");
    const events = socket.events().map((event) => libraryEvent.parse(event));
    expect(events).toMatchObject([
      {
        type: "document.added",
        library_id: id,
        seq: 2,
        data: { document_id: absent, title: "A", tags: ["x"], num_chunks: 1 },
      },
      { type: "document.updated", seq: 3, data: { title: "B" } },
      { type: "document.deleted", seq: 4, data: { document_id: absent, title: "B" } },
    ]);
    await socket.close();
  });

  it("tells only of what was asked for, each event once, until it is unsubscribed", async () => {
    const { id } = await createVectorLibrary(server.url);
    const socket = await open(id);
    const subscribe = async (events?: readonly string[]) =>
      actions.subscribe.response.parse(
        (await socket.request("subscribe", events === undefined ? {} : { events })).data,
      );
    const deletions = await subscribe(["document.deleted"]);
    const everything = await subscribe();
    await socket.request("add", entry({ id: absent }));
    await socket.request("delete", { document_id: absent });
    expect((await socket.request("unsubscribe", { subscription_id: everything.subscription_id })).data).toEqual({
      unsubscribed: true,
      subscription_id: everything.subscription_id,
      seq: 3,
    });
    await socket.request("add", entry({ id: absent }));
    await socket.request("delete", { document_id: absent });
    await socket.wait(({ type, seq }) => type === "document.deleted" && seq === 5);
    expect(socket.events().map(({ type, seq }) => [type, seq])).toEqual([
      ["document.added", 2],
      ["document.deleted", 3],
      ["document.deleted", 5],
    ]);
    await socket.request("unsubscribe", { subscription_id: deletions.subscription_id });
    expect(await socket.request("unsubscribe", { subscription_id: deletions.subscription_id })).toMatchObject({
      success: false,
      error_code: "subscription_not_found",
    });
    await socket.close();
  });

  it("misses nothing and repeats nothing when it subscribes under full load", async () => {
    const { id } = await createVectorLibrary(server.url);
    const total = 600;
    const body = Array.from({ length: total }, () => JSON.stringify(entry())).join("\n");
    const upload = fetch(`${server.url}/v1/libraries/${id}/documents/stream`, { method: "POST", body });
    const sockets = await Promise.all(Array.from({ length: 10 }, () => open(id)));
    const positions = await Promise.all(
      sockets.map(async (socket) => actions.subscribe.response.parse((await socket.request("subscribe", {})).data).seq),
    );
    await upload;
    for (const [index, socket] of sockets.entries()) {
      const from = positions[index] ?? 0;
      if (from < total + 1) await socket.wait(({ seq, type }) => type === "document.added" && seq === total + 1);
      expect(socket.events().map(({ seq }) => seq)).toEqual(
        Array.from({ length: total + 1 - from }, (_, offset) => from + 1 + offset),
      );
      await socket.close();
    }
  });

  it("keeps the order of adds and deletes of one connection", async () => {
    const { id } = await createLibrary(server.url);
    const socket = await open(id);
    const long = "many words ".repeat(400);
    const answers = await Promise.all([
      socket.request("add", { id: absent, title: "long", text: long }),
      socket.request("delete", { document_id: absent }),
      socket.request("add", { id: absent, title: "short", text: "short" }),
      socket.request("delete", { document_id: absent }),
      socket.request("add", { id: absent, title: "last", text: "last" }),
    ]);
    expect(answers.map(({ success }) => success)).toEqual([true, true, true, true, true]);
    expect(answers.map(({ data }) => data?.["seq"])).toEqual([2, 3, 4, 5, 6]);
    await socket.close();
  });

  it("answers what it can while a slow request runs", async () => {
    const { id } = await createLibrary(server.url);
    const socket = await open(id);
    const slow = socket.request(
      "add",
      { title: "slow", texts: Array.from({ length: 30 }, (_, index) => `${index} ${"word ".repeat(150)}`) },
      "slow",
    );
    await socket.request("get", { document_id: absent }, "quick");
    await slow;
    expect(socket.messages.map((one) => one["request_id"])).toEqual(["quick", "slow"]);
    await socket.close();
  });
});

describe("A long message", () => {
  it("is read to its end by a reader that reads", async () => {
    const { id } = await createLibrary(server.url, { embedding_model: "none", dimension: 2 });
    const socket = await open(id);
    const chunks = Array.from({ length: 130 }, () => ({ text: "x".repeat(100_000), embedding: [1, 0] }));
    await socket.request("add", { id: absent, title: "long", chunks });
    const got = await socket.request("get", { document_id: absent });
    expect(actions.get.response.parse(got.data).document.chunks).toHaveLength(130);
    expect((await socket.request("delete", { document_id: absent })).success).toBe(true);
    await socket.close();
  });
});

describe("A server that stops", () => {
  it("does not wait for a peer whose upgrade it refused and that never hangs up", async () => {
    const stopping = await startServer();
    const peer = connect({ port: Number(new URL(stopping.url).port), host: "127.0.0.1", allowHalfOpen: true });
    peer.write(
      "GET /nope HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const [answer]: unknown[] = await once(peer, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 404 /);
    await stopping.stop();
    peer.destroy();
  });

  it("answers what is in progress, refuses what comes after, and closes with 1001", async () => {
    const stopping = await startServer();
    const { id } = await createLibrary(stopping.url);
    const socket = await TestSocket.open(`${stopping.socketUrl}/v1/libraries/${id}/ws`);
    const running = socket.request("add", {
      title: "slow",
      texts: Array.from({ length: 20 }, (_, index) => `${index} ${"word ".repeat(100)}`),
    });
    await socket.request("subscribe", {});
    // However busy the machine is, the model may take its time.
    const stopped = stopping.server.drain(60_000).then(() => stopping.stop());
    expect(await running).toMatchObject({ success: true, data: { document: { num_chunks: 20 } } });
    expect(await socket.closed).toMatchObject({ code: 1001 });
    await stopped;
  });
});
