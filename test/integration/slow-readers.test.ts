import { rm } from "node:fs/promises";
import { eventStatistics } from "@arrwdb/protocol/events/events";
import { limits } from "@arrwdb/protocol/limits";
import { afterAll, beforeAll, expect, it } from "vitest";
import { numbers } from "../support/peers/test-client.ts";
import { heldMemory, reportsMemory } from "../support/server/held-memory.ts";
import { privateMemory } from "../support/server/private-memory.ts";
import { createVectorLibrary, temporaryDirectory } from "../support/server/test-server.ts";
import { type ServerProcess, spawnServer } from "../support/server/server-process.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { eventually, within } from "../support/waiting.ts";

const megabyte = 1024 * 1024;
const lazyReaders = 100;
let directory: string;
let server: ServerProcess;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await spawnServer(directory, reportsMemory);
});
afterAll(async () => {
  await server.kill();
  await rm(directory, { recursive: true, force: true });
});

const text = "m".repeat(9_000);
const document = JSON.stringify({ title: "T", chunks: [{ text: "x", embedding: [1, 0] }], a: text, b: text });
/** 9 MB of events. */
const body = Array.from({ length: 500 }, () => document).join("\n");

it("holds little while a hundred readers read nothing, tells the others everything, and lets all resume", async () => {
  const { id } = await createVectorLibrary(server.url, 2);
  const open = () => TestSocket.open(`${server.url.replace("http", "ws")}/v1/libraries/${id}/ws`);
  const write = () => resultsOf(uploadTo(uploadUrl(server.url, id), body));
  const subscribers = async () =>
    eventStatistics.parse(await (await fetch(`${server.url}/v1/events/stats`)).json()).subscribers.websocket;
  const keen = await open();
  await keen.request("subscribe", {});
  await write();
  await keen.wait(({ seq }) => seq === 501);

  // They read nothing from the beginning on: the system gives room of its own, tens of megabytes, to those that read fast,
  // and whether one of these is let go depends on the machine.
  const lazy = await Promise.all(Array.from({ length: lazyReaders }, () => open()));
  for (const { socket } of lazy) {
    socket.pause();
    socket.send(JSON.stringify({ request_id: "s", action: "subscribe", data: { from_seq: 501 } }));
  }
  await eventually(async () => (await subscribers()) === lazyReaders + 1, { describe: "all to have subscribed" });

  // The server as it is with all its readers, and warm.
  const before = { held: await heldMemory(server), own: await privateMemory(server.process.pid) };
  let most = before;
  const rounds = 3;
  for (let round = 0; round < rounds; round++) {
    await write();
    const now = { held: await heldMemory(server), own: await privateMemory(server.process.pid) };
    most = { held: Math.max(most.held, now.held), own: Math.max(most.own, now.own) };
  }
  const last = 501 + rounds * 500;
  await keen.wait(({ seq }) => seq === last);
  expect(keen.events().map(({ seq }) => seq)).toEqual(numbers(2, last));

  // What waits for each is bounded: as text, and as what the system is writing of it. Kept, it would be 2,700 MB.
  const waiting = lazyReaders * 2 * (limits.congestedBytes + document.length);
  expect((most.held - before.held) / megabyte).toBeLessThan(waiting / megabyte + 30);
  // With what V8 has not collected yet, which is a matter of its own.
  expect((most.own - before.own) / megabyte).toBeLessThan(1_000);

  await eventually(async () => (await subscribers()) === 1, { describe: "all that read nothing to be let go" });
  for (const { socket } of lazy) socket.resume();
  for (const [index, { closed, messages }] of lazy.entries()) {
    const { code } = await within(closed, `reader ${index} to hear that it was let go`);
    // A close that is not read within half a minute is not waited for.
    expect([4429, 1006]).toContain(code);
    const told = messages.flatMap(({ seq }) => (typeof seq === "number" ? [seq] : []));
    const position = told.at(-1) ?? 501;
    expect(told).toEqual(numbers(502, position));
    if (index > 4) continue;
    const resumed = await open();
    await resumed.request("subscribe", { from_seq: position });
    await resumed.wait(({ seq }) => seq === last);
    expect(resumed.events().map(({ seq }) => seq)).toEqual(numbers(position + 1, last));
    await resumed.close();
  }
  await keen.close();
}, 180_000);
