import { canonicalDocumentId, shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { documentIds, dotIds, oddIds } from "../support/data/document-ids.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

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

const documentOf = (title: string) => ({ title, chunks: [{ text: title, embedding: [1, 0] }] });
const pathOf = (library: string, id: string) =>
  `${server.url}/v1/libraries/${library}/documents/${encodeURIComponent(id)}`;
const sent = (method: string, body?: unknown): RequestInit => ({
  method,
  ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
});

/** A place with documents, reached in one way. */
interface Way {
  readonly write: (id: string, title: string) => Promise<unknown>;
  /** Whether there was one. */
  readonly remove: (id: string) => Promise<boolean>;
  /** The title, if there is one. */
  readonly read: (id: string) => Promise<string | undefined>;
}

const titled = z.object({ document: z.object({ id: z.string(), title: z.string() }) });

function overHttp(library: string, replace: boolean): Way {
  const readTitle = async (response: Response, id: string) => {
    const { document } = titled.parse(await response.json());
    expect(document.id).toBe(canonicalDocumentId(id));
    return document.title;
  };
  return {
    write: async (id, title) => {
      const response = replace
        ? await fetch(pathOf(library, id), sent("PUT", documentOf(title)))
        : await post(`${server.url}/v1/libraries/${library}/documents`, { id, ...documentOf(title) });
      const location = response.headers.get("location");
      expect(await readTitle(response, id)).toBe(title);
      // What is new is where the response says.
      if (response.status === 201) expect(await readTitle(await fetch(`${server.url}${location}`), id)).toBe(title);
      else expect([response.status, location]).toEqual([200, null]);
    },
    remove: async (id) => {
      const response = await fetch(pathOf(library, id), { method: "DELETE" });
      const answer = await response.json();
      if (response.status === 200) expect(answer).toMatchObject({ document_id: canonicalDocumentId(id) });
      else expect(answer).toMatchObject({ code: "document_not_found" });
      return response.status === 200;
    },
    read: async (id) => {
      const response = await fetch(pathOf(library, id));
      if (response.status === 200) return readTitle(response, id);
      expect(await response.json()).toMatchObject({ code: "document_not_found" });
      return undefined;
    },
  };
}

function overSocket(socket: TestSocket): Way {
  const known = async (action: string, id: string) => {
    const answer = await socket.request(action, { document_id: id });
    if (!answer.success) expect(answer.error_code).toBe("document_not_found");
    return answer;
  };
  return {
    write: async (id, title) => {
      const { data } = await socket.request("add", { id, ...documentOf(title) });
      expect(titled.parse(data).document).toMatchObject({ id: canonicalDocumentId(id), title });
    },
    remove: async (id) => (await known("delete", id)).success,
    read: async (id) => {
      const { success, data } = await known("get", id);
      return success ? titled.parse(data).document.title : undefined;
    },
  };
}

function overClient(library: LibraryHandle): Way {
  const ifKnown = async <Value>(call: Promise<Value>): Promise<Value | undefined> => {
    try {
      return await call;
    } catch (error) {
      expect(error).toMatchObject({ code: "document_not_found" });
      return undefined;
    }
  };
  return {
    write: async (id, title) => {
      for await (const result of library.ingest([{ id, ...documentOf(title) }])) {
        expect(result).toMatchObject({ success: true, document_id: canonicalDocumentId(id) });
      }
    },
    remove: async (id) => (await ifKnown(library.delete(id))) !== undefined,
    read: async (id) => (await ifKnown(library.get(id)))?.title,
  };
}

const commands = fc.array(
  fc.record({
    way: fc.nat({ max: 3 }),
    action: fc.constantFrom("write", "write", "remove", "read"),
    id: fc.oneof(documentIds, fc.constantFrom("A", "a", ...oddIds.slice(0, 4))),
  } as const),
  { minLength: 5, maxLength: 25 },
);

async function idsOf<Item>(items: AsyncIterable<Item>, idOf: (item: Item) => string | undefined): Promise<string[]> {
  const ids: string[] = [];
  for await (const item of items) ids.push(...[idOf(item)].filter((id) => id !== undefined));
  return ids;
}

describe("An id of any text", () => {
  it("is that of one document, in whatever way it comes", async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (given) => {
        const { id } = await createVectorLibrary(server.url, 2);
        const library = client.library(id);
        const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
        const ways = [overHttp(id, true), overHttp(id, false), overSocket(socket), overClient(library)];
        const model = new Map<string, string>();
        for (const [index, command] of given.entries()) {
          const way = ways[command.way];
          if (way === undefined) throw new Error("No such way");
          const key = canonicalDocumentId(command.id);
          if (command.action === "write") {
            await way.write(command.id, `t${index}`);
            model.set(key, `t${index}`);
          } else if (command.action === "remove") expect(await way.remove(command.id)).toBe(model.delete(key));
          else expect([command.id, await way.read(command.id)]).toEqual([command.id, model.get(key)]);
        }
        const expected = [...model.keys()].toSorted();
        const listed = await idsOf(library.documents(), (document) => document.id);
        expect(listed.toSorted()).toEqual(expected);
        const exported = await idsOf(library.export(), (line) => ("document" in line ? line.document.id : undefined));
        expect(exported.toSorted()).toEqual(expected);
        const { results } = await library.search({ embedding: [1, 0], k: 100 });
        expect(results.map((hit) => hit.document_id).toSorted()).toEqual(expected);
        for (const { metadata, document_id } of results) expect(metadata.source_document_id).toBe(document_id);
        socket.socket.close();
        await socket.closed;
        library.close();
      }),
      { numRuns: 15, endOnFailure: true },
    );
  }, 120_000);

  it("is found by a filter, and carried by lines of search, receipts, events and live queries", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const library = client.library(id);
    const address = `${server.url}/v1/libraries/${id}`;
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
    const live = await socket.request("subscribe", { query: { embedding: [1, 0], k: 1_000 } });
    await socket.request("subscribe", {});
    const ids = [...new Set([...oddIds, ...dotIds].map(canonicalDocumentId))];
    const lines = ids.map((each) => JSON.stringify({ id: each, ...documentOf("t") })).join("\n");
    const upload = () =>
      fetch(`${address}/documents/stream`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson", "idempotency-key": "k" },
        body: lines,
      });
    const receiptsOf = async (response: Response) => {
      const receipt = z.object({ document_id: z.string(), replayed: z.boolean().optional() });
      const parsed = (await response.text()).trimEnd().split("\n").slice(0, -1);
      return parsed.map((line) => receipt.parse(JSON.parse(line)));
    };
    expect((await receiptsOf(await upload())).map((each) => each.document_id)).toEqual(ids);
    // Sent again, each line has its receipt.
    expect(await receiptsOf(await upload())).toEqual(ids.map((each) => ({ document_id: each, replayed: true })));

    for (const each of ids) {
      for (const filter of [{ source_document_id: each }, { source_document_id: { $in: [each, "no"] } }]) {
        const { results } = await library.search({ embedding: [1, 0], metadata_filter: filter });
        expect([each, results.map((hit) => hit.document_id)]).toEqual([each, [each]]);
      }
    }
    const response = await fetch(`${address}/search/stream`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/x-ndjson" },
      body: JSON.stringify({ embedding: [1, 0], k: 1_000 }),
    });
    // Lines, as readers take them that know more ends of lines than two.
    const searched = (await response.text()).split(/[\n\r\u0085\u2028\u2029]/).filter((line) => line !== "");
    const hit = z.object({ document_id: z.string() });
    const found = searched.slice(0, -1).map((line) => hit.parse(JSON.parse(line)).document_id);
    expect(found.toSorted()).toEqual(ids.toSorted());

    const { events } = await library.eventPage({ from_seq: 1, limit: 1_000 });
    expect(events.map(({ data }) => ("document_id" in data ? data.document_id : ""))).toEqual(ids);
    await socket.wait((message) => message.type === "document.added" && message["seq"] === ids.length + 1);
    const last = await socket.wait(
      (message) =>
        message.type === "search.updated" &&
        message["subscription_id"] === live.data?.["subscription_id"] &&
        message["seq"] === ids.length + 1,
    );
    const { results } = z.object({ results: z.array(hit) }).parse(last);
    expect(results.map((each) => each.document_id).toSorted()).toEqual(ids.toSorted());
    await socket.close();
    library.close();
  });
});

describe("An id that is none", () => {
  const refused = [
    [42, 'id: must be a string; send "42"'],
    [1.5, 'id: must be a string; send "1.5"'],
    [{}, "id: must be a string"],
    [null, "id: must be a string"],
    [true, "id: must be a string"],
    ["", "id: must not be empty"],
    ["a\u0000b", "id: contains a NUL character; remove it"],
    ["a\ud800b", "id: contains a lone surrogate"],
    ["x".repeat(513), "id: is too long; at most 512 bytes of UTF-8 are accepted"],
    ["\u6587".repeat(171), "id: has 513 bytes of UTF-8; at most 512 are accepted"],
    ["x".repeat(100_000), "id: is too long"],
  ] as const;

  it("is refused by name, with the remedy", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
    for (const [bad, message] of refused) {
      const body = { id: bad, ...documentOf("t") };
      const response = await post(`${server.url}/v1/libraries/${id}/documents`, body);
      const fault = { code: "validation_failed", field: "id", detail: expect.stringContaining(message) };
      expect(await response.json()).toMatchObject(fault);
      expect(await socket.request("add", body)).toMatchObject({ success: false, field: "id" });
      const byId = await socket.request("get", { document_id: bad });
      expect(byId).toMatchObject({ success: false, error_code: "validation_failed", field: "document_id" });
      expect(byId.error).toContain(message.replace("id: ", "document_id: "));
    }
    const large = `{"id":12345678901234567890,"title":"t","chunks":[{"text":"t","embedding":[1,0]}]}`;
    const answer = await fetch(`${server.url}/v1/libraries/${id}/documents`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: large,
    });
    expect(await answer.json()).toMatchObject({ detail: 'id: must be a string; send "12345678901234567890"' });
    await socket.close();
  });

  it("is refused in a path", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const inPath = [
      ["", "document_id: must not be empty"],
      ["a%00b", "document_id: contains a NUL character"],
      ["x".repeat(513), "document_id: is too long"],
      ["%E6%96%87".repeat(171), "document_id: has 513 bytes"],
      ["x".repeat(10_000), "document_id: is too long"],
    ] as const;
    for (const method of ["GET", "DELETE"]) {
      for (const [segment, message] of inPath) {
        const response = await fetch(`${server.url}/v1/libraries/${id}/documents/${segment}`, { method });
        const detail = expect.stringContaining(message);
        expect([response.status, await response.json()]).toMatchObject([422, { field: "document_id", detail }]);
      }
      for (const segment of ["%", "%FF", "a%2", "%ED%A0%80"]) {
        const response = await fetch(`${server.url}/v1/libraries/${id}/documents/${segment}`, { method });
        expect(await response.json()).toMatchObject({
          code: "route_not_found",
          detail: expect.stringMatching("malformed"),
        });
      }
    }
  });

  it("and one that occurs twice cost their lines alone", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const ids = ["a", 1, "1", "A", "a", "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d", "0198C5D2-7F3A-7C1E-9D2B-3F5E6A7B8C9D"];
    const response = await fetch(`${server.url}/v1/libraries/${id}/documents/stream`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: ids.map((each) => JSON.stringify({ id: each, ...documentOf("t") })).join("\n"),
    });
    const good = { success: true };
    const twice = { success: false, error_code: "duplicate_id", field: "id" };
    expect(await response.json()).toMatchObject({
      successful: 4,
      results: [good, { error: 'id: must be a string; send "1"' }, good, good, twice, good, twice],
    });
  });

  it("is refused by the client where no path can carry it", async () => {
    const library = client.library((await createVectorLibrary(server.url, 2)).id);
    for (const bad of ["", "\ud800", ...dotIds]) {
      const fault = { code: "validation_failed", field: "document_id" };
      await expect(library.get(bad)).rejects.toMatchObject(fault);
      await expect(library.delete(bad)).rejects.toMatchObject(fault);
      await expect(library.put(bad, documentOf("t"))).rejects.toMatchObject(fault);
    }
  });

  it("is reached by the client in other ways then", async () => {
    const library = client.library((await createVectorLibrary(server.url, 2)).id);
    for (const id of dotIds) {
      expect(await library.add({ id, ...documentOf("t") })).toMatchObject({ document: { id } });
      expect(await library.documentPage({ ids: [id] })).toMatchObject({ documents: [{ id }] });
      expect(await library.deleteMatching({ source_document_id: id })).toMatchObject({ deleted: 1 });
    }
  });

  it("differs from the one in the path", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const response = await fetch(pathOf(id, "a b"), sent("PUT", { id: "a\u001bb", ...documentOf("t") }));
    const detail = String.raw`id: "a\u001bb" differs from the id in the URL, "a b"; omit it`;
    expect([response.status, await response.json()]).toMatchObject([422, { field: "id", detail }]);
  });
});

describe("The form of an id", () => {
  it("shows an id on one line without control characters, from which it can be read", () => {
    fc.assert(
      fc.property(documentIds, (id) => {
        const shown = shownDocumentId(id);
        expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(shown.startsWith('"') ? JSON.parse(shown) : shown).toBe(id);
      }),
    );
    expect(["doc-42", "https://a.b/c", "a b", "\u{e0001}"].map(shownDocumentId)).toEqual([
      "doc-42",
      "https://a.b/c",
      '"a b"',
      String.raw`"\udb40\udc01"`,
    ]);
  });

  it("has one form of each UUID, and of anything else the one that was given", () => {
    const given = ["0198C5D2-7F3A-7C1E-9D2B-3F5E6A7B8C9D", "{0198C5D2-7F3A-7C1E-9D2B-3F5E6A7B8C9D}", "DOC-42"];
    expect(given.map(canonicalDocumentId)).toEqual([given[0]?.toLowerCase(), ...given.slice(1)]);
  });
});
