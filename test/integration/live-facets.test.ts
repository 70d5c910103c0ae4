import { searchUpdated, type SearchUpdated } from "@arrwdb/protocol/websocket/live";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { seededRandom } from "../support/data/vectors.ts";
import { type Message, TestSocket } from "../support/peers/test-socket.ts";
import { commandFile } from "../support/server/command.ts";
import { Program } from "../support/server/program.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let client: ArrwClient;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
});
afterAll(async () => {
  client.close();
  await server.stop();
});

async function newLibrary(): Promise<LibraryHandle> {
  const { id } = await client.libraries.create({ name: "Live", embedding_model: "none", dimension: 2 });
  return client.library(id);
}
const open = ({ id }: LibraryHandle) => TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
const add = (library: LibraryHandle, author: string, embedding: number[], id?: string) =>
  library.add({ ...(id === undefined ? {} : { id }), title: "T", author, chunks: [{ text: author, embedding }] });
const watch = async (socket: TestSocket, query: Readonly<Record<string, unknown>>) =>
  actions.subscribe.response.parse((await socket.request("subscribe", { query })).data);
const updates = ({ messages }: TestSocket): readonly SearchUpdated[] =>
  messages.filter(({ type }: Message) => type === "search.updated").map((message) => searchUpdated.parse(message));
const update = async (socket: TestSocket, seq: number) =>
  searchUpdated.parse(await socket.wait((message) => message.type === "search.updated" && message["seq"] === seq));

it("tells a live query of facets that changed, though its hits did not", async () => {
  const library = await newLibrary();
  await add(library, "Ada", [1, 0]);
  const socket = await open(library);
  const begun = await watch(socket, { embedding: [1, 0], k: 1, facets: ["author"] });
  expect(begun).toMatchObject({
    seq: 2,
    total: 1,
    facets: { author: { values: [{ value: "Ada", count: 1 }], missing: 0, others: 0 } },
  });
  const { seq } = await add(library, "Bob", [0, 1]);
  const told = await update(socket, seq);
  expect(told).toMatchObject({ entered: [], left: [], moved: [], changed: [], results: [{ text: "Ada" }] });
  expect(told.facets?.["author"]?.values).toEqual([
    { value: "Ada", count: 1 },
    { value: "Bob", count: 1 },
  ]);
  await client.libraries.update(library.id, { description: "nothing that is searched" });
  const later = await add(library, "Cem", [1, 0.001], "cem");
  const next = await update(socket, later.seq);
  expect(next.facets?.["author"]?.values).toHaveLength(3);
  const removed = await library.delete("cem");
  expect((await update(socket, removed.seq)).facets).toEqual(told.facets);
  expect(updates(socket).map((one) => one.seq)).toEqual([seq, later.seq, removed.seq]);
  await socket.close();
});

it("tells a live query of its groups", async () => {
  const library = await newLibrary();
  await add(library, "Ada", [1, 0]);
  const socket = await open(library);
  const group_by = { field: "author", hits: 1 };
  const begun = await watch(socket, { embedding: [1, 0], k: 2, group_by });
  expect(begun).toMatchObject({ groups: [{ value: "Ada", results: [{ rank: 1, text: "Ada" }] }] });
  const { seq } = await add(library, "Bob", [1, 0.5]);
  const told = await update(socket, seq);
  expect(told).toMatchObject({
    entered: [{ text: "Bob", rank: 2 }],
    groups: [{ value: "Ada" }, { value: "Bob", results: [{ id: told.results[1]?.chunk_id }] }],
    total: 2,
  });
  expect(told).not.toHaveProperty("facets");
  await socket.close();
});

it("ends with what a search counts and groups, whatever was written, and in the client too", async () => {
  const library = await newLibrary();
  const random = seededRandom(5);
  const asked = { embedding: [1, 0], k: 3, facets: ["author", "document_id"], group_by: { field: "author", hits: 2 } };
  const live = library.live(asked);
  let newest: Awaited<ReturnType<typeof live.next>>["value"];
  const reading = (async () => {
    for await (const results of live) newest = results;
  })();
  for (let round = 0; round < 40; round++) {
    const id = `d${Math.floor(random() * 12)}`;
    if (random() < 0.3) await library.delete(id).catch(() => undefined);
    else await add(library, `A${Math.floor(random() * 5)}`, [random(), random() - 0.5], id);
  }
  const { results: _results, took_ms: _took, ...found } = await library.search(asked);
  await eventually(() => {
    expect(newest?.facets).toEqual(found.facets);
    expect(newest?.groups?.map(({ value, results }) => [value, results.map((hit) => hit.chunk_id)])).toEqual(
      found.groups?.map(({ value, results }) => [value, results.map((hit) => hit.chunk_id)]),
    );
  });
  await live.return();
  await reading;
});

it("is printed by arrwdb watch", async () => {
  const { id } = await client.libraries.create({ name: "Watched", embedding_model: "builtin" });
  const library = client.library(id);
  await library.add({ title: "Cards", author: "Ada", text: "You can pay by card." });
  const args = ["watch", id, "how can I pay?", "-k", "1", "--facet", "author", "--url", server.url];
  await using command = new Program(commandFile, await temporaryDirectory(), args);
  await command.line("1  Ada");
  await library.add({ title: "Parcels", author: "Bob", text: "Where your parcel is." });
  await command.line("0 entered, 0 left, now 1 hit");
  await command.line("1  Bob");
  expect(await command.interrupt()).toBe(130);
});

it("ends with its library, and refuses groups of too many hits", async () => {
  const library = await newLibrary();
  const socket = await open(library);
  const wrong = await socket.request("subscribe", {
    query: { embedding: [1, 0], k: 100, group_by: { field: "author", hits: 11 } },
  });
  expect(wrong).toMatchObject({ success: false, field: "query.group_by.hits" });
  await watch(socket, { embedding: [1, 0], facets: ["author"] });
  await client.libraries.delete(library.id);
  await socket.closed;
  expect(updates(socket)).toEqual([]);
});
