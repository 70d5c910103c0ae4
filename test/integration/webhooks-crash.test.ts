import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { extent } from "../support/suite/extent.ts";
import { createVectorLibrary, temporaryDirectory } from "../support/server/test-server.ts";
import { type ServerProcess, spawnServer } from "../support/server/server-process.ts";
import { WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { LibraryWebhooks } from "../support/peers/webhook-calls.ts";

const settings = { ARRWDB_WEBHOOK_ALLOW_PRIVATE: "127.0.0.1/32", ARRWDB_WEBHOOK_RETRY_MS: "20" };
const rounds = extent(2, 4);
const documents = 120;

let directory: string;
let server: ServerProcess;
let receiver: WebhookReceiver;

beforeEach(async () => {
  directory = await temporaryDirectory();
  receiver = await WebhookReceiver.start();
  server = await spawnServer(directory, settings);
});
afterEach(async () => {
  await server.kill();
  await receiver[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

it("tells every event at least once and in order, though the server is killed again and again", async () => {
  const { id } = await createVectorLibrary(server.url);
  const { id: hook } = await new LibraryWebhooks(server.url, id).create(receiver.url);
  let last = 1;
  for (let round = 1; round <= rounds; round++) {
    await new LibraryWebhooks(server.url, id).write(documents);
    last += documents;
    // In the middle of telling them, of which a receiver that fails now and then is a part. It takes each in the end: pauses
    // double, and a dozen failures in a row would be waited for.
    const failures = new Map<number, number>();
    receiver.answer = (response, { event }) => {
      const before = failures.get(event.seq) ?? 0;
      const fails = event.seq % 7 === 0 && before < event.seq % 3;
      failures.set(event.seq, before + 1);
      response.writeHead(fails ? 500 : 200).end();
    };
    const behind = last - documents + round * 15;
    await receiver.until((calls) => calls.some(({ event }) => event.seq >= behind));
    await server.kill();
    server = await spawnServer(directory, settings);
  }
  await receiver.until((calls) => calls.some(({ event }) => event.seq === last));
  const hooks = new LibraryWebhooks(server.url, id);
  await hooks.until(hook, ({ seq }) => seq === last);
  expect(receiver.seqs).toEqual(Array.from({ length: last - 1 }, (_, index) => index + 2));
  // Whoever is told twice can see it by the id.
  const ids = new Map(receiver.calls.map((call) => [call.event.seq, call.id]));
  for (const call of receiver.calls) expect(call.id).toBe(ids.get(call.event.seq));
  // An ordered stop loses no position, so nothing is told again.
  const told = receiver.calls.length;
  await server.stop();
  server = await spawnServer(directory, settings);
  await new LibraryWebhooks(server.url, id).write(1);
  await receiver.until((calls) => calls.at(-1)?.event.seq === last + 1);
  expect(receiver.calls).toHaveLength(told + 1);
}, 180_000);
