import { rm } from "node:fs/promises";
import { eventPage, eventStatistics } from "@arrwdb/protocol/events/events";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numbers, take } from "../support/peers/test-client.ts";
import { openPausable, type PausableKind } from "../support/peers/pausable-reader.ts";
import {
  createVectorLibrary,
  post,
  startServer,
  temporaryDirectory,
  type TestServer,
} from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { line, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { eventually } from "../support/waiting.ts";

let directory: string;
let server: TestServer;
let libraryId: string;

/** More than the buffers of the system and the server take. */
const documents = 1_400;
const head = documents + 1;

const start = async () => {
  server = await startServer({ ARRWDB_DATA_DIR: directory });
};
/** The library is quiet: since the start nothing has happened in it. */
const restart = async () => {
  await server.stop();
  await start();
};

beforeAll(async () => {
  directory = await temporaryDirectory();
  await start();
  libraryId = (await createVectorLibrary(server.url)).id;
  const text = "m".repeat(9_000);
  const body = Array.from({ length: documents }, () => line({ a: text, b: text })).join("\n");
  await resultsOf(uploadTo(uploadUrl(server.url, libraryId), body));
  await restart();
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const lag = async () => eventStatistics.parse(await (await fetch(`${server.url}/v1/events/stats`)).json()).lag;
const kinds: readonly PausableKind[] = ["websocket", "sse"];

describe.each(kinds)("A reader over %s of a library in which nothing happens", (kind) => {
  it("is told the rest after each of its pauses, and counts as behind until then", async () => {
    const reader = await openPausable(kind, server.url, libraryId, 0);
    for (const before of [0, 100, 400]) {
      reader.resume();
      await eventually(() => reader.seqs.length >= before, { describe: `${before} events` });
      reader.pause();
      await eventually(async () => (await lag()).behind === 1, { describe: "the reader to be behind" });
      const { max, total } = await lag();
      expect(max).toBe(total);
      expect(max).toBeLessThanOrEqual(head - before);
    }
    reader.resume();
    await eventually(() => reader.seqs.length >= head, {
      describe: () => `${head} events, there are ${reader.seqs.length}`,
    });
    expect(reader.seqs).toEqual(numbers(1, head));
    expect(await lag()).toEqual({ max: 0, total: 0, behind: 0 });
    await reader.close();
  });

  it("goes on where it was after the server was started again", async () => {
    const first = await openPausable(kind, server.url, libraryId, 0);
    first.resume();
    await eventually(() => first.seqs.length >= 200, { describe: "200 events" });
    await first.close();
    await restart();
    const position = first.seqs.at(-1) ?? 0;
    const second = await openPausable(kind, server.url, libraryId, position);
    await eventually(async () => (await lag()).behind === 1, { describe: "the reader to be behind" });
    second.resume();
    await eventually(() => second.seqs.at(-1) === head, {
      describe: () => `event ${head}, the last one is ${second.seqs.at(-1)}`,
    });
    expect([...first.seqs, ...second.seqs]).toEqual(numbers(1, head));
    await second.close();
  });
});

describe("After a start, of a library in which nothing happens,", () => {
  beforeAll(restart);

  it("pages hold everything that is kept", async () => {
    const seqs: number[] = [];
    for (let from = 0, more = true; more;) {
      const url = `${server.url}/v1/libraries/${libraryId}/events?from_seq=${from}&limit=300`;
      const page = eventPage.parse(await (await fetch(url, { headers: { accept: "application/json" } })).json());
      seqs.push(...page.events.map(({ seq }) => seq));
      from = page.next_from_seq;
      more = page.has_more;
    }
    expect(seqs).toEqual(numbers(1, head));
  });

  it("a program that takes its time is told everything by the client", async () => {
    const client = new ArrwClient({ url: server.url });
    const feed = client.library(libraryId).events({ from: 0, buffer: 20 });
    const seqs: number[] = [];
    while (seqs.length < head) {
      seqs.push(...(await take(feed, Math.min(150, head - seqs.length))).map(({ seq }) => seq));
      // Somebody else has a turn, and the server's buffers fill.
      await client.eventStatistics();
    }
    expect(seqs).toEqual(numbers(1, head));
    client.close();
  });

  it("a search is answered as of the position that the library has", async () => {
    const search = { embedding: [1, 0, 0, 0], k: 1, min_seq: head };
    const response = await post(`${server.url}/v1/libraries/${libraryId}/search`, search);
    expect(searchResponse.parse(await response.json()).seq).toBe(head);
  });

  it("several subscriptions of one slow connection are each told everything", async () => {
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${libraryId}/ws`);
    const from = Array.from({ length: 40 }, (_, index) => head - 50 - index);
    const ids: string[] = [];
    for (const each of from) {
      const { data } = await socket.request("subscribe", { from_seq: each });
      ids.push(String(data?.["subscription_id"]));
    }
    const seqsOf = (id: string | undefined) =>
      socket
        .events()
        .flatMap(({ seq, subscription_ids: told }) => (Array.isArray(told) && told.includes(id) ? [seq] : []));
    await eventually(() => ids.every((id) => seqsOf(id).at(-1) === head), {
      describe: "all subscriptions to be told all",
    });
    for (const [index, id] of ids.entries()) expect(seqsOf(id)).toEqual(numbers((from[index] ?? 0) + 1, head));
    await socket.close();
  });

  it("a connection that reads again hears what its live query and its room have come to meanwhile", async () => {
    const open = () => TestSocket.open(`${server.socketUrl}/v1/libraries/${libraryId}/ws`);
    const [slow, other] = await Promise.all([open(), open()]);
    await slow.request("subscribe", { query: { embedding: [0, 1, 0, 0], k: 1 } });
    for (const socket of [slow, other]) await socket.request("join", { session_id: "room" });
    slow.socket.pause();
    slow.socket.send(JSON.stringify({ request_id: "replay", action: "subscribe", data: { from_seq: 0 } }));
    await eventually(async () => (await lag()).behind === 1, { describe: "the reader to be behind" });
    await resultsOf(
      uploadTo(uploadUrl(server.url, libraryId), line({ chunks: [{ text: "near", embedding: [0, 1, 0, 0] }] })),
    );
    await other.request("search", { embedding: [0, 1, 0, 0], k: 1, session_id: "room" });
    slow.socket.resume();
    expect(await slow.wait(({ type }) => type === "search.updated")).toMatchObject({ seq: head + 1, total: 1 });
    await slow.wait(({ type }) => type === "session.search");
    await slow.wait(({ type, seq }) => type === "document.added" && seq === head + 1);
    await Promise.all([slow.close(), other.close()]);
  });
});
