import { rm } from "node:fs/promises";
import { limits } from "@arrwdb/protocol/limits";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createVectorLibrary, temporaryDirectory } from "../support/server.ts";
import { type ServerProcess, spawnServer } from "../support/server-process.ts";
import { privateMemory } from "../support/private-memory.ts";
import { TestSocket } from "../support/socket.ts";
import { resultsOf, uploadTo, uploadUrl } from "../support/upload.ts";

const megabyte = 1024 * 1024;
const lazyReaders = 100;
let directory: string;
let server: ServerProcess;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await spawnServer(directory);
});
afterAll(async () => {
  await server.kill();
  await rm(directory, { recursive: true, force: true });
});

const text = "m".repeat(9_000);
const document = JSON.stringify({ title: "T", chunks: [{ text: "x", embedding: [1, 0] }], a: text, b: text });
const body = Array.from({ length: 500 }, () => document).join("\n");

it("keeps its memory flat while a hundred readers stop reading, tells the others everything, and lets all resume", async () => {
  const { id } = await createVectorLibrary(server.url, 2);
  const open = () => TestSocket.open(`${server.url.replace("http", "ws")}/v1/libraries/${id}/ws`);
  const write = () => resultsOf(uploadTo(uploadUrl(server.url, id), body));
  const keen = await open();
  await keen.request("subscribe", {});
  // The server as it is with all its readers, and warm.
  const lazy = await Promise.all(Array.from({ length: lazyReaders }, () => open()));
  await Promise.all(lazy.map((socket) => socket.request("subscribe", {})));
  await write();
  await Promise.all([keen, ...lazy].map((socket) => socket.wait(({ seq }) => seq === 501)));
  const before = await privateMemory(server.process.pid);
  let most = before;

  for (const { socket } of lazy) socket.pause();
  const rounds = 4;
  for (let round = 0; round < rounds; round++) {
    await write();
    most = Math.max(most, await privateMemory(server.process.pid));
  }
  const last = 501 + rounds * 500;
  await keen.wait(({ seq }) => seq === last);
  expect(keen.events().map(({ seq }) => seq)).toEqual(Array.from({ length: last - 1 }, (_, index) => index + 2));

  // 3 GB were not read; what waits is bounded for each connection, and what the writes themselves need comes on top.
  const allowed = lazyReaders * (limits.congestedBytes + megabyte);
  expect((most - before) / megabyte).toBeLessThan(allowed / megabyte + 200);

  // A close that is not read within half a minute is not waited for.
  for (const { socket } of lazy) socket.resume();
  for (const [index, { closed, messages }] of lazy.entries()) {
    expect(await closed).toMatchObject({ code: 4429 });
    const told = messages.flatMap(({ seq }) => (typeof seq === "number" ? [seq] : []));
    const position = told.at(-1) ?? 0;
    expect(told).toEqual(Array.from({ length: position - 1 }, (_, place) => place + 2));
    if (index > 4) continue;
    const resumed = await open();
    await resumed.request("subscribe", { from_seq: position });
    await resumed.wait(({ seq }) => seq === last);
    expect(resumed.events()[0]?.["seq"]).toBe(position + 1);
    await resumed.close();
  }
  await keen.close();
}, 120_000);
