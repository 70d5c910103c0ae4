import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { adminKey, createKey, createLibraryWith, revokeKey, startGuardedServer } from "../support/server/access.ts";
import { failureOf, pointing, soon } from "../support/peers/test-client.ts";
import type { TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let library: string;

beforeAll(async () => {
  server = await startGuardedServer();
  library = await createLibraryWith(server.url);
});
afterAll(() => server.stop());

const handleWith = (key: string | undefined) =>
  new ArrwClient({ url: server.url, key, reconnect: soon }).library(library);

it("carries its key over HTTP and WebSocket", async () => {
  const handle = handleWith(adminKey);
  const feed = handle.events({ from: 0 });
  await feed.ready();
  await handle.add(pointing("One"));
  const types: string[] = [];
  for await (const { type } of feed) if (types.push(type) === 2) break;
  expect(types).toEqual(["library.created", "document.added"]);
  handle.close();
});

it("tells that its key is of no use, and does not come back with it", async () => {
  for (const key of [undefined, "nonsense"]) {
    const handle = handleWith(key);
    const expected = { code: "unauthorized", status: 401, retryable: false };
    expect(await failureOf(handle.add(pointing("Two")))).toMatchObject(expected);
    expect(await failureOf(handle.events().ready())).toMatchObject(expected);
    handle.close();
  }
});

it("tells what its key allows", async () => {
  const { key } = await createKey(server.url, { name: "reader", scope: "read", libraries: [library] });
  const client = new ArrwClient({ url: server.url, key });
  expect(await client.grant()).toMatchObject({ name: "reader", scope: "read", libraries: [library], expires_at: null });
  client.close();
  const without = new ArrwClient({ url: server.url });
  expect(await failureOf(without.grant())).toMatchObject({ code: "unauthorized" });
  without.close();
});

it("ends what it listens to when its key is revoked", async () => {
  const { id, key } = await createKey(server.url);
  const handle = handleWith(key);
  const feed = handle.events();
  await feed.ready();
  const next = failureOf(feed[Symbol.asyncIterator]().next());
  await revokeKey(server.url, id);
  expect(await next).toMatchObject({ code: "unauthorized", message: expect.stringContaining("revoked") });
  handle.close();
});

it("refuses a key that could not stand in a header, and repeats nothing of it", () => {
  expect(() => handleWith("two words")).toThrow(/^key: (?!.*two words)/);
});
