import { createServer } from "node:http";
import { once } from "node:events";
import { ArrwClient, ArrwClientError } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CuttingProxy } from "../support/peers/cutting-proxy.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";

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

const newLibrary = async (name = "test") => {
  const { id } = await client.libraries.create({ name, embedding_model: "none", dimension: 2 });
  return client.library(id);
};
const vectors = (title: string, embedding: number[]) => ({ title, chunks: [{ text: title, embedding }] });

/** What it throws. */
async function failureOf(promise: Promise<unknown>): Promise<ArrwClientError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ArrwClientError) return error;
  throw new Error("It did not fail as a client does", { cause: error });
}

describe("The client", () => {
  it("makes, lists, changes and deletes libraries", async () => {
    const created = await client.libraries.create({ name: "one" });
    expect(await client.libraries.get(created.id)).toEqual(created);
    expect(await client.libraries.update(created.id, { name: "two" })).toMatchObject({ name: "two" });
    expect(await client.library(created.id).info()).toMatchObject({ name: "two" });
    const names: string[] = [];
    for await (const { name } of client.libraries.list()) names.push(name);
    expect(names).toContain("two");
    expect(await client.libraries.delete(created.id)).toMatchObject({ deleted: true, id: created.id });
    expect(await client.health()).toEqual({ status: "ok" });
  });

  it("adds, replaces, reads, lists and deletes documents", async () => {
    const library = await newLibrary();
    const { document } = await library.add({ ...vectors("first", [1, 0]), year: 1999 });
    await library.put(document.id, vectors("second", [0, 1]));
    expect(await library.get(document.id)).toMatchObject({ title: "second", text: "second" });
    const titles: string[] = [];
    for await (const { title } of library.documents()) titles.push(title);
    expect(titles).toEqual(["second"]);
    expect(await library.delete(document.id)).toMatchObject({ deleted: true, seq: 4 });
  });

  it("searches by text, and by vectors in each form", async () => {
    const { id } = await client.libraries.create({ name: "texts" });
    const texts = client.library(id);
    await texts.add({ title: "Tea", text: "Leaves in hot water." });
    expect((await texts.search("a hot drink")).results[0]?.document.title).toBe("Tea");
    const library = await newLibrary();
    await library.add(vectors("east", [1, 0]));
    await library.add(vectors("north", [0, 1]));
    for (const embedding of [[0.1, 2], new Float32Array([0.1, 2])]) {
      const { results } = await library.search({ embedding, k: 1 });
      expect(results.map(({ text }) => text)).toEqual(["north"]);
    }
  });

  it("tells what the server refused", async () => {
    const library = await newLibrary();
    const error = await failureOf(library.search({ embedding: [1, 0], k: 0 }));
    expect(error).toMatchObject({ code: "validation_failed", status: 422, field: "k", retryable: false });
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(error.message).toContain("k:");
    expect(await failureOf(library.search("text"))).toMatchObject({ code: "text_not_searchable" });
    const nowhere = client.library("0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d");
    expect(await failureOf(nowhere.info())).toMatchObject({ code: "library_not_found", status: 404 });
  });

  it("tells of networks that fail, and of servers that are none", async () => {
    await using proxy = await CuttingProxy.start(server.url);
    proxy.refuse(true);
    const cut = new ArrwClient({ url: proxy.url });
    expect(await failureOf(cut.health())).toMatchObject({ code: "network", retryable: true });

    const other = createServer((request, response) => response.end(request.url === "/health" ? "<html>" : "[")).listen(
      0,
    );
    await once(other, "listening");
    const address = other.address();
    const stranger = new ArrwClient({ url: `http://localhost:${typeof address === "object" ? address?.port : 0}` });
    expect(await failureOf(stranger.health())).toMatchObject({ code: "protocol", status: 200 });
    other.close();
  });

  it("waits no longer than it was told to", async () => {
    await using proxy = await CuttingProxy.start(server.url);
    proxy.silence(true);
    const slow = new ArrwClient({ url: proxy.url, timeout: 20 });
    expect(await failureOf(slow.health())).toMatchObject({ code: "timeout", retryable: true });
    expect(await failureOf(slow.health({ timeout: 1 }))).toMatchObject({ code: "timeout" });
    const reason = new Error("enough");
    const controller = new AbortController();
    const waiting = slow.health({ signal: controller.signal, timeout: Infinity });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(slow.health({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("refuses what comes after its end", async () => {
    const ended = new ArrwClient({ url: server.url });
    const library = ended.library("0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d");
    ended.close();
    expect(await failureOf(ended.health())).toMatchObject({ code: "closed" });
    expect(await failureOf(library.events().next())).toMatchObject({ code: "closed" });
    expect(() => new ArrwClient({ url: "localhost" })).toThrow(TypeError);
  });

  it("sends the headers that it was given, and keeps a path before its own", async () => {
    const seen: (readonly [string | undefined, string | undefined])[] = [];
    const behind = createServer((request, response) => {
      seen.push([request.url, request.headers.authorization]);
      response.end("{}");
    }).listen(0);
    await once(behind, "listening");
    const address = behind.address();
    const url = `http://localhost:${typeof address === "object" ? address?.port : 0}/search/`;
    await new ArrwClient({ url, headers: { authorization: "Bearer x" } }).health();
    expect(seen).toEqual([["/search/health", "Bearer x"]]);
    behind.close();
  });
});
