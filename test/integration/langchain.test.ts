import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { ArrwStoreError, ArrwVectorStore } from "arrwdb-langchain";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "../support/server/test-server.ts";

/** Four directions, so that it is clear by hand what is near. */
class Directions extends Embeddings {
  constructor() {
    super({});
  }
  override async embedQuery(text: string): Promise<number[]> {
    return ["north", "east", "south", "west"].map((name) => (text.includes(name) ? 1 : 0.01));
  }
  override embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}

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

describe("A vector store whose server embeds", () => {
  let store: ArrwVectorStore;

  beforeEach(async () => {
    store = await ArrwVectorStore.fromDocuments(
      [
        new Document({ pageContent: "Apples, sugar and cinnamon in a crust.", metadata: { title: "Pie", year: 1990 } }),
        new Document({ pageContent: "Leeks and potatoes, boiled.", metadata: { year: 2020, loc: { page: 3 } } }),
      ],
      undefined,
      { client, library: { name: "Recipes" } },
    );
  });

  it("makes a library and finds what is in it", async () => {
    expect(await store.library.info()).toMatchObject({ name: "Recipes", embedding_model: "builtin", num_documents: 2 });
    const [pie] = await store.similaritySearch("something sweet", 1);
    expect(pie).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      pageContent: "Apples, sugar and cinnamon in a crust.",
      metadata: { title: "Pie", year: 1990 },
    });
    const found = await store.similaritySearchWithScore("soup of vegetables", 5);
    expect(found.map(([{ metadata }]) => metadata["year"])).toEqual([2020, 1990]);
    expect(found[0]?.[0].metadata).toEqual({ year: 2020, loc: { page: 3 } });
    const [first = 0, second = 0] = found.map(([, score]) => score);
    expect(first).toBeGreaterThan(second);
  });

  it("keeps the pages that loaders number, and titles of any length", async () => {
    const title = "A long title ".repeat(200);
    const metadata = { title, page_number: 7, source: "book.pdf" };
    const [id] = await store.addDocuments([new Document({ pageContent: "Bread and butter.", metadata })]);
    const [found] = await store.similaritySearch("bread", 1, { page_number: { $gte: 7 } });
    expect(found).toMatchObject({ id, metadata });
  });

  it("returns metadata as it was given, whatever is in it", async () => {
    const metadata = {
      created_at: "2020-01-01",
      loc: { lines: [{ from: 1, to: 2 }], pdf: { version: "1.7", info: { "": [[1]] } } },
      page_number: "iv",
      chunk_index: 7,
    };
    await store.addDocuments([new Document({ pageContent: "Salt and pepper.", metadata })]);
    const [found] = await store.similaritySearch("salt", 1, {
      "loc.lines.from": 1,
      "metadata.created_at": "2020-01-01",
    });
    expect(found?.metadata).toEqual(metadata);
  });

  it("gives the scores that the order comes from, in each mode", async () => {
    await store.addDocuments([
      new Document({ pageContent: "Boiled potatoes with boiled leeks, and potatoes again." }),
      new Document({ pageContent: "The sea is wide." }),
    ]);
    for (const mode of ["vector", "text", "hybrid"] as const) {
      const searching = new ArrwVectorStore(undefined, { client, libraryId: store.library.id, mode });
      const found = await searching.similaritySearchWithScore("boiled potatoes", 4);
      const scores = found.map(([, score]) => score);
      expect(scores.length).toBeGreaterThan(1);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(new Set(scores).size).toBeGreaterThan(1);
      const { results } = await (mode === "vector"
        ? store.library.search({ query: "boiled potatoes", k: 4 })
        : store.library.search({ query: "boiled potatoes", k: 4, mode }));
      expect(found.map(([{ pageContent }]) => pageContent)).toEqual(results.map(({ text }) => text));
      expect(scores).toEqual(results.map((hit) => ("score" in hit ? hit.score : 1 - (hit.distance ?? 0))));
    }
  });

  it("filters, also as a retriever", async () => {
    expect(await store.similaritySearch("food", 5, { "loc.page": 3 })).toMatchObject([{ metadata: { year: 2020 } }]);
    const retriever = store.asRetriever({ k: 5, filter: { year: { $lt: 2000 } } });
    expect(await retriever.invoke("food")).toMatchObject([{ metadata: { title: "Pie" } }]);
    await retriever.addDocuments([new Document({ pageContent: "Old bread.", metadata: { year: 1900 } })]);
    expect(await retriever.invoke("food")).toHaveLength(2);
  });

  it("deletes by a filter, and everything where that is said", async () => {
    const mine = await ArrwVectorStore.fromTexts(["a", "b", "c"], [{ n: 1 }, { n: 2 }, { n: 3 }], undefined, {
      client,
    });
    await mine.delete({ filter: { n: { $gte: 2 } } });
    expect((await mine.similaritySearch("a", 10)).map(({ metadata }) => metadata["n"])).toEqual([1]);
    for (const wrong of [{}, { deleteAll: false }, { ids: [], deleteAll: true }, { filter: {}, ids: [] }]) {
      await expect(mine.delete(wrong)).rejects.toThrow("exactly one of");
    }
    await expect(mine.delete({ filter: {} })).rejects.toMatchObject({ code: "confirmation_required" });
    await mine.delete({ deleteAll: true });
    expect(await mine.similaritySearch("a", 10)).toEqual([]);
  });

  it("replaces by id, and deletes", async () => {
    const [id = ""] = await store.addDocuments([new Document({ pageContent: "Tea" })]);
    await store.addDocuments([new Document({ id, pageContent: "Green tea" })]);
    await store.addDocuments([new Document({ pageContent: "Black tea" })], { ids: [id] });
    expect(await store.library.get(id)).toMatchObject({ text: "Black tea", title: "Black tea" });
    await store.delete({ ids: [id, "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d", "none", "", "../..", "é"] });
    await expect(store.library.get(id)).rejects.toMatchObject({ code: "document_not_found" });
    expect(await store.library.info()).toMatchObject({ num_documents: 2 });
  });

  it("tells which documents were refused, and keeps the others", async () => {
    const documents = [
      new Document({ pageContent: "Good" }),
      new Document({ pageContent: "" }),
      new Document({ pageContent: "Bad", metadata: { long: "x".repeat(10_001) } }),
    ];
    const refused: unknown = await store.addDocuments(documents).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ArrwStoreError);
    expect(refused).toMatchObject({
      message: expect.stringContaining("2 of 3 documents were not stored: document 2"),
      failures: [{ line: 2 }, { line: 3, error_code: "validation_failed" }],
      stored: [expect.any(String)],
    });
    const { num_documents: before } = await store.library.info();
    const named = { id: "doc-42#1", pageContent: "Named", metadata: {} };
    expect(await store.addDocuments([new Document(named)])).toEqual(["doc-42#1"]);
    await store.delete({ ids: ["doc-42#1", "doc-42", ""] });
    expect((await store.library.info()).num_documents).toBe(before);
    const unfit = new Document({ id: "x".repeat(513), pageContent: "x" });
    await expect(store.addDocuments([unfit])).rejects.toMatchObject({ failures: [{ field: "id" }] });
    await expect(store.maxMarginalRelevanceSearch("x", { k: 1 })).rejects.toThrow("pass Embeddings");
    await expect(store.similaritySearch("x", 1, { a: { $near: 1 } })).rejects.toMatchObject({
      code: "validation_failed",
      field: "metadata_filter.a.$near",
    });
  });

  it("takes a library that exists, with documents of any origin", async () => {
    const library: LibraryHandle = client.library((await client.libraries.create({ name: "Other" })).id);
    const texts = ["The first part is about boats.", "The second part is about trains."];
    await library.add({
      title: "Travel",
      texts,
      author: "Ada",
      tags: ["guide"],
      source_url: "https://example.com/travel",
    });
    const existing = await ArrwVectorStore.fromExistingLibrary(undefined, { client, libraryId: library.id });
    expect(await existing.similaritySearch("railways", 1)).toMatchObject([
      {
        pageContent: texts[1],
        metadata: { title: "Travel", author: "Ada", tags: ["guide"], source_url: "https://example.com/travel" },
      },
    ]);
    const missing = { client, libraryId: "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d" };
    await expect(ArrwVectorStore.fromExistingLibrary(undefined, missing)).rejects.toMatchObject({
      code: "library_not_found",
    });
  });
});

describe("A vector store with embeddings of its own", () => {
  let store: ArrwVectorStore;

  beforeEach(async () => {
    const texts = ["north", "north, a little east", "south", "west"];
    store = await ArrwVectorStore.fromTexts(texts, [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }], new Directions(), {
      client,
    });
  });

  it("makes a library of their dimension, and searches by their vectors", async () => {
    expect(await store.library.info()).toMatchObject({ embedding_model: "none", dimension: 4, num_documents: 4 });
    const found = await store.similaritySearchWithScore("north", 2);
    expect(found.map(([{ pageContent }]) => pageContent)).toEqual(["north", "north, a little east"]);
    expect(found[0]?.[1]).toBeCloseTo(1, 5);
    expect(found[1]?.[1]).toBeCloseTo(Math.SQRT1_2, 1);
    const byVector = await store.similaritySearchVectorWithScore([0, 0, 0, 1], 1, { n: { $gte: 2 } });
    expect(byVector).toMatchObject([[{ pageContent: "west" }, expect.any(Number)]]);
  });

  it("finds what is near and unlike", async () => {
    await store.addDocuments([new Document({ pageContent: "north again" })]);
    const near = await store.similaritySearch("north", 2);
    expect(near.map(({ pageContent }) => pageContent).toSorted()).toEqual(["north", "north again"]);
    const unlike = await store.maxMarginalRelevanceSearch("north", { k: 2, fetchK: 3, lambda: 0.3 });
    expect(unlike.map(({ pageContent }) => pageContent)).toContain("north, a little east");
    const retriever = store.asRetriever({ k: 2, searchType: "mmr", searchKwargs: { fetchK: 3, lambda: 0.3 } });
    expect(await retriever.invoke("north")).toHaveLength(2);
  });

  it("refuses vectors that do not fit", async () => {
    const one = [new Document({ pageContent: "x" })];
    await expect(store.addVectors([[1, 0, 0]], one)).rejects.toMatchObject({
      failures: [{ error_code: "dimension_mismatch" }],
    });
    await expect(store.addVectors([], one)).rejects.toThrow("0 vectors for 1 documents");
  });
});
