import { rm } from "node:fs/promises";
import { eventPage, type LibraryEvent, libraryEvent } from "@arrwdb/protocol/events/events";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ResumingReader } from "../support/peers/resuming-reader.ts";
import { soon } from "../support/peers/test-client.ts";
import { CuttingProxy } from "../support/peers/cutting-proxy.ts";
import { extent, testSeed } from "../support/suite/extent.ts";
import { createVectorLibrary, post, temporaryDirectory } from "../support/server/test-server.ts";
import { type ServerProcess, spawnServer } from "../support/server/server-process.ts";
import { seededRandom } from "../support/data/vectors.ts";
import { eventually } from "../support/waiting.ts";

const cutsWanted = extent(60, 300);
const kills = extent(1, 4);
const random = seededRandom(testSeed);
let directory: string;
let server: ServerProcess;
let proxy: CuttingProxy;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await spawnServer(directory);
  proxy = await CuttingProxy.start(server.url);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.kill();
  await rm(directory, { recursive: true, force: true });
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function pages(id: string): Promise<LibraryEvent[]> {
  const events: LibraryEvent[] = [];
  for (let from = 0; ;) {
    const url = `${server.url}/v1/libraries/${id}/events?from_seq=${from}&limit=1000`;
    const page = eventPage.parse(await (await fetch(url, { headers: { accept: "application/json" } })).json());
    events.push(...page.events);
    from = page.next_from_seq;
    if (!page.has_more) return events;
  }
}

it("tells every reader every event once, in order, whatever is cut and however often the server is killed", async () => {
  const { id } = await createVectorLibrary(server.url, 2);
  const clients: ArrwClient[] = [];
  const handle = (): LibraryHandle => {
    const client = new ArrwClient({ url: proxy.url, reconnect: soon });
    clients.push(client);
    return client.library(id);
  };
  const load = { running: true };
  const acknowledged = new Map<number, string>();

  async function* documents() {
    for (let number = 0; load.running; number++) {
      const angle = random() * Math.PI;
      const chunks = [{ text: `${number}`, embedding: [Math.cos(angle), Math.sin(angle)] }];
      yield { title: `T${number}`, author: number % 3 === 0 ? "Ada" : "Ben", chunks };
      await nextTurn();
    }
  }
  const write = async () => {
    for await (const result of handle().ingest(documents(), { batchDocuments: 20, batchDelay: 5 })) {
      if (!result.success) throw new Error(`Refused: ${result.error}`);
      acknowledged.set(result.seq, result.document_id);
    }
  };
  const deleted = new Set<string>();
  const remove = async () => {
    while (load.running) {
      const ids = [...acknowledged.values()].filter((candidate) => !deleted.has(candidate));
      const chosen = ids[Math.floor(random() * ids.length)];
      if (chosen !== undefined && ids.length > 50) {
        const answer = await fetch(`${proxy.url}/v1/libraries/${id}/documents/${chosen}`, { method: "DELETE" }).catch(
          () => undefined,
        );
        if (answer?.status === 200 || answer?.status === 404) deleted.add(chosen);
        await answer?.body?.cancel().catch(() => undefined);
      }
      await nextTurn();
    }
  };

  // Readers of every kind, some of each, and one that hears of some events only.
  const stop = new AbortController();
  const everything: LibraryEvent[][] = [];
  const byClient = Array.from({ length: 3 }, async () => {
    const told: LibraryEvent[] = [];
    everything.push(told);
    for await (const event of handle().events({ from: 0, signal: stop.signal })) told.push(event);
  });
  const readers = (["websocket", "sse"] as const).flatMap((kind) =>
    Array.from({ length: 3 }, () => new ResumingReader(kind, proxy.url, id, {})),
  );
  const narrowed = (["websocket", "sse"] as const).map(
    (kind) =>
      new ResumingReader(kind, proxy.url, id, { events: ["document.added"], metadata_filter: { author: "Ada" } }),
  );
  const embedding = [1, 0];
  const live: { chunks: readonly string[] } = { chunks: [] };
  const watching = (async () => {
    for await (const { results } of handle().live({ embedding, k: 5 }, { signal: stop.signal }))
      live.chunks = results.map(({ chunk_id }) => chunk_id);
  })();

  const writing = Promise.all([write(), write(), remove()]);
  let cuts = 0;
  let killed = 0;
  for (let round = 0; cuts < cutsWanted || killed < kills; round++) {
    const enough = acknowledged.size + 5 + Math.floor(random() * 40);
    await eventually(() => acknowledged.size >= enough, {
      describe: () => `${enough} documents, there are ${acknowledged.size}`,
    });
    if (round % 6 === 5 && killed < kills) {
      cuts += proxy.cutSome(() => true);
      await server.kill();
      server = await spawnServer(directory);
      proxy.redirect(server.url);
      killed++;
    } else cuts += proxy.cutSome(() => random() < 0.5);
  }
  load.running = false;
  await writing;

  const log = await pages(id);
  const last = log.at(-1)?.seq ?? 0;
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  // What is in the log is what was acknowledged, document by document.
  const added = log.flatMap((event) =>
    event.type === "document.added" ? [[event.seq, event.data.document_id] as const] : [],
  );
  expect(added).toEqual([...acknowledged].toSorted(([a], [b]) => a - b));

  const reached = (told: readonly LibraryEvent[]) => told.at(-1)?.seq === last;
  const positions = () => ({
    byClient: everything.map((told) => told.at(-1)?.seq),
    readers: readers.map(({ events }) => events.at(-1)?.seq),
    narrowed: narrowed.map(({ position }) => position),
  });
  const haveAll = () =>
    everything.every(reached) &&
    readers.every(({ events }) => reached(events)) &&
    narrowed.every(({ position }) => position >= last);
  await eventually(haveAll, {
    describe: () => `all to be told ${last} events, they are at ${JSON.stringify(positions())}`,
    within: 90_000,
  });
  for (const told of everything) expect(told.map((event) => libraryEvent.parse(event))).toEqual(log);
  for (const { events } of readers) expect(events).toEqual(log);
  const hers = log.filter((event) => event.type === "document.added" && event.data.author === "Ada");
  for (const { events } of narrowed) expect(events).toEqual(hers);

  const found = searchResponse.parse(
    await (await post(`${server.url}/v1/libraries/${id}/search`, { embedding, k: 5 })).json(),
  );
  const right = found.results.map(({ chunk_id }) => chunk_id);
  await eventually(() => JSON.stringify(live.chunks) === JSON.stringify(right), {
    describe: "the live query to show what a search finds",
  });

  stop.abort();
  await Promise.allSettled([...byClient, watching]);
  await Promise.all([...readers, ...narrowed].map((reader) => reader.stop()));
  for (const client of clients) client.close();
  expect(cuts).toBeGreaterThanOrEqual(cutsWanted);
}, 240_000);
