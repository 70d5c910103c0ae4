import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { checkAfterCrash } from "../support/faults/crash-check.ts";
import { CrashLedger, type Entry } from "../support/faults/crash-ledger.ts";
import { extent, testSeed } from "../support/suite/extent.ts";
import { createVectorLibrary, post, temporaryDirectory } from "../support/server/test-server.ts";
import { type ServerProcess, spawnServer } from "../support/server/server-process.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { eventually } from "../support/waiting.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";
import { uuidOf } from "../conformance/store-conformance.ts";

const rounds = extent(2, 10);
const dimension = 32;

describe("A server that is killed under load", () => {
  let directory: string;
  let server: ServerProcess;
  const random = seededRandom(testSeed);
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
  async function upload(url: string, ledger: CrashLedger, signal: AbortSignal): Promise<void> {
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
  async function uploadBatches(url: string, ledger: CrashLedger): Promise<void> {
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
  async function edit(url: string, ledger: CrashLedger): Promise<void> {
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

  it("keeps what it acknowledged, shows no half of anything, and goes on in sequence", async () => {
    const { id } = await createVectorLibrary(server.url, dimension);
    const ledger = new CrashLedger();
    let acknowledged = 0;
    for (let round = 0; round < rounds; round++) {
      const url = `${server.url}/v1/libraries/${id}`;
      const before = ledger.size;
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
      await eventually(() => ledger.size >= enough, {
        describe: () => `${enough} acknowledged documents, there are ${ledger.size}`,
      });
      await server.kill();
      killed.abort();
      await load;
      acknowledged += ledger.size - before;
      server = await spawnServer(directory);
      await checkAfterCrash(`${server.url}/v1/libraries/${id}`, ledger, random);
    }
    expect(acknowledged).toBeGreaterThan(rounds);
    await server.kill();
    await verifySequence(id);
  });

  async function verifySequence(id: string): Promise<void> {
    const store = await EmbeddedStore.open({ directory: join(directory) });
    const { seq } = await store.libraries.get(id);
    const { events } = await store.events.read(id, { afterSeq: 0, limit: 1_000_000 });
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
    await store.close();
  }
}, 240_000);
