import { rm } from "node:fs/promises";
import { ArrwClient } from "arrwdb-client";
import { expect, it } from "vitest";
import { numbers, pointing, soon, take } from "../support/peers/test-client.ts";
import { CuttingProxy } from "../support/peers/cutting-proxy.ts";
import { extent } from "../support/suite/extent.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { spawnServer } from "../support/server/server-process.ts";

const crashes = extent(2, 4);
const total = (crashes + 1) * 240;

it("Feeds, live queries, rooms and uploads go on whenever the server is killed, with nothing lost and nothing twice", async () => {
  const directory = await temporaryDirectory();
  let server = await spawnServer(directory);
  await using proxy = await CuttingProxy.start(server.url);
  const client = new ArrwClient({ url: proxy.url, reconnect: soon });
  const { id } = await client.libraries.create({ name: "test", embedding_model: "none", dimension: 2 });
  const library = client.library(id);

  const room = library.room("room");
  await room.join();
  const reading = take(library.events({ from: 0 }), total + 1);
  /** The last document is the nearest one. */
  const found = (async () => {
    for await (const { results } of library.live({ embedding: [1, 0], k: 1 })) {
      if (results[0]?.text === String(total)) return results[0].distance;
    }
    return undefined;
  })();

  const documents = numbers(1, total).map((number) => pointing(`${number}`, (total - number) / 20));
  const results: number[] = [];
  for await (const result of library.ingest(documents, { batchDocuments: 20 })) {
    expect(result).toMatchObject({ success: true });
    results.push(result.line);
    if (results.length % (total / (crashes + 1)) === 0 && results.length < total) {
      await server.kill();
      server = await spawnServer(directory);
      proxy.redirect(server.url);
    }
  }

  expect(results).toEqual(numbers(1, total));
  const events = await reading;
  expect(events.map(({ seq }) => seq)).toEqual(numbers(1, total + 1));
  const told = events.flatMap((event) => (event.type === "document.added" ? [event.data.title] : []));
  expect(told.toSorted()).toEqual(numbers(1, total).map(String).toSorted());
  expect(await found).toBeCloseTo(0);
  expect((await room.search({ embedding: [1, 0], k: 1 })).results[0]?.text).toBe(String(total));
  expect(room.participants).toHaveLength(1);
  expect(await library.info()).toMatchObject({ num_documents: total, seq: total + 1 });

  client.close();
  await server.kill();
  await rm(directory, { recursive: true, force: true });
}, 120_000);
