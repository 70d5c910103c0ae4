import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { documentList, library } from "@arrwdb/protocol/model";
import { ingestionResponse } from "@arrwdb/protocol/ingestion";
import { actions } from "@arrwdb/protocol/messages";
import { searchResponse } from "@arrwdb/protocol/search";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { createVectorLibrary, post, temporaryDirectory } from "../support/server.ts";
import { type ServerProcess, spawnServer } from "../support/server-process.ts";
import { TestSocket } from "../support/socket.ts";
import { randomUnitVector, seededRandom } from "../support/vectors.ts";
import { uuidOf } from "../conformance/store-conformance.ts";

const rounds = Number(process.env["CRASH_ROUNDS"] ?? 5);
const dimension = 32;

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly chunks: readonly { readonly text: string; readonly embedding: readonly number[] }[];
}

/** What is known of each document: the last state that was acknowledged, and those that may or may not have come since. */
class Ledger {
  readonly certain = new Map<string, Entry | undefined>();
  readonly possible = new Map<string, (Entry | undefined)[]>();

  begin(id: string, state: Entry | undefined): void {
    const states = this.possible.get(id) ?? [];
    this.possible.set(id, [...states, state]);
  }

  acknowledge(id: string, state: Entry | undefined): void {
    this.certain.set(id, state);
    this.possible.delete(id);
  }

  /** After a crash every state that was under way may be there, and it or the certain one is what counts from now on. */
  settle(id: string, state: Entry | undefined): void {
    this.acknowledge(id, state);
  }
}

describe("A server that is killed under load", () => {
  let directory: string;
  let server: ServerProcess;
  const random = seededRandom(Number(process.env["CRASH_SEED"] ?? 5));
  let nextId = 1;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    server = await spawnServer(directory);
  });
  afterEach(async () => {
    await server.kill();
    await rm(directory, { recursive: true, force: true });
  });

  function newEntry(id = uuidOf(nextId++)): Entry {
    const count = 1 + Math.floor(random() * 4);
    const title = `title ${Math.floor(random() * 1e9)}`;
    const chunks = Array.from({ length: count }, (_, index) => ({
      text: `${title} chunk ${index} of ${count}`,
      embedding: Array.from(randomUnitVector(dimension, random)),
    }));
    return { id, title, chunks };
  }

  /** Streams documents and takes each receipt as it comes, until the server is gone. */
  async function upload(url: string, ledger: Ledger, signal: AbortSignal): Promise<void> {
    async function* lines() {
      while (!signal.aborted) {
        const entry = newEntry();
        ledger.begin(entry.id, entry);
        sent.set(entry.id, entry);
        yield Buffer.from(`${JSON.stringify(entry)}\n`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const sent = new Map<string, Entry>();
    const init: RequestInit & { readonly duplex: "half" } = {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson" },
      body: Readable.toWeb(Readable.from(lines())),
      duplex: "half",
    };
    const response = await fetch(`${url}/documents/stream`, init);
    if (response.body === null) return;
    let rest = "";
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      const receipts = (rest + part).split("\n");
      rest = receipts.pop() ?? "";
      for (const line of receipts) {
        const receipt: { success?: boolean; document_id?: string } = JSON.parse(line);
        const entry = sent.get(receipt.document_id ?? "");
        if (receipt.success === true && entry !== undefined) ledger.acknowledge(entry.id, entry);
      }
    }
  }

  /** Whole uploads with one answer at the end. */
  async function uploadBatches(url: string, ledger: Ledger): Promise<void> {
    for (;;) {
      const entries = Array.from({ length: 20 }, () => newEntry());
      for (const entry of entries) ledger.begin(entry.id, entry);
      const response = await fetch(`${url}/documents/stream`, {
        method: "POST",
        body: entries.map((entry) => JSON.stringify(entry)).join("\n"),
      });
      const { results } = ingestionResponse.parse(await response.json());
      for (const [index, entry] of entries.entries())
        if (results[index]?.success === true) ledger.acknowledge(entry.id, entry);
    }
  }

  /** Adds, replaces and deletes over the WebSocket, each document by this connection alone. */
  async function edit(url: string, ledger: Ledger): Promise<void> {
    const socket = await TestSocket.open(`${url.replace("http", "ws")}/ws`);
    const mine: string[] = [];
    for (;;) {
      const old = random() < 0.6 ? mine[Math.floor(random() * mine.length)] : undefined;
      if (old !== undefined && random() < 0.5) {
        ledger.begin(old, undefined);
        mine.splice(mine.indexOf(old), 1);
        const { success } = await socket.request("delete", { document_id: old });
        if (success) ledger.acknowledge(old, undefined);
        continue;
      }
      const entry = newEntry(old);
      ledger.begin(entry.id, entry);
      const answer = await socket.request("add", entry);
      actions.add.response.parse(answer.data);
      ledger.acknowledge(entry.id, entry);
      if (old === undefined) mine.push(entry.id);
    }
  }

  async function search(url: string): Promise<void> {
    for (;;) {
      const response = await post(`${url}/search`, {
        embedding: Array.from(randomUnitVector(dimension, random)),
        k: 10,
      });
      searchResponse.parse(await response.json());
    }
  }

  const documentOf = async (url: string, id: string) => {
    const response = await fetch(`${url}/documents/${id}`);
    if (response.status === 404) return undefined;
    const schema = z.object({
      document: z.object({
        title: z.string(),
        num_chunks: z.number(),
        chunks: z.array(z.object({ text: z.string() })),
      }),
    });
    return schema.parse(await response.json()).document;
  };

  const same = (found: Awaited<ReturnType<typeof documentOf>>, entry: Entry | undefined) =>
    found === undefined || entry === undefined
      ? found === entry
      : found.title === entry.title &&
        JSON.stringify(found.chunks.map(({ text }) => text)) === JSON.stringify(entry.chunks.map(({ text }) => text));

  it("keeps what it acknowledged, shows no half of anything, and goes on in sequence", async () => {
    const { id } = await createVectorLibrary(server.url, dimension);
    const ledger = new Ledger();
    let acknowledged = 0;
    for (let round = 0; round < rounds; round++) {
      const url = `${server.url}/v1/libraries/${id}`;
      const before = ledger.certain.size;
      const killed = new AbortController();
      const load = Promise.allSettled([
        upload(url, ledger, killed.signal),
        uploadBatches(url, ledger),
        edit(url, ledger),
        edit(url, ledger),
        search(url),
      ]);
      // A random moment, counted in documents rather than in time.
      const enough = before + 1 + Math.floor(random() * 120);
      while (ledger.certain.size < enough) await new Promise((resolve) => setImmediate(resolve));
      await server.kill();
      killed.abort();
      await load;
      acknowledged += ledger.certain.size - before;
      server = await spawnServer(directory);
      await verify(`${server.url}/v1/libraries/${id}`, ledger);
    }
    expect(acknowledged).toBeGreaterThan(rounds);
    await server.kill();
    await verifySequence(id);
  });

  async function verify(url: string, ledger: Ledger): Promise<void> {
    for (const [id, states] of ledger.possible) {
      const found = await documentOf(url, id);
      const fitting = [ledger.certain.get(id), ...states].find((state) => same(found, state));
      expect(fitting !== undefined || found === undefined, `${id} is ${JSON.stringify(found)}`).toBe(true);
      ledger.settle(id, fitting);
    }
    const info = library.parse(await (await fetch(url)).json());
    const present = [...ledger.certain.values()].filter((entry) => entry !== undefined);
    expect(info).toMatchObject({
      num_documents: present.length,
      num_chunks: present.reduce((sum, { chunks }) => sum + chunks.length, 0),
    });
    const listed = new Map<string, string>();
    let cursor = "";
    do {
      const page = documentList.parse(await (await fetch(`${url}/documents?limit=1000${cursor}`)).json());
      for (const document of page.documents) listed.set(document.id, document.title);
      cursor = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    expect(listed).toEqual(new Map(present.map(({ id, title }) => [id, title])));
    // Search agrees with the data: what is there is found by its own vector, and nothing else is.
    for (let sample = 0; sample < 15; sample++) {
      const entry = present[Math.floor(random() * present.length)];
      const chunk = entry?.chunks[0];
      if (entry === undefined || chunk === undefined) continue;
      const { results, seq } = searchResponse.parse(
        await (await post(`${url}/search`, { embedding: chunk.embedding, k: 3 })).json(),
      );
      expect(seq).toBe(info.seq);
      expect(results[0]).toMatchObject({ document_id: entry.id, text: chunk.text });
      for (const hit of results) expect(listed.get(hit.document_id)).toBe(hit.document.title);
    }
  }

  async function verifySequence(id: string): Promise<void> {
    const store = await EmbeddedStore.open({ directory: join(directory) });
    const { seq } = await store.getLibrary(id);
    const { events } = await store.readEvents(id, { afterSeq: 0, limit: 1_000_000 });
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
    await store.close();
  }
}, 240_000);
