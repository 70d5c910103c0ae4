/** What runs in a real browser: bundled with the client, and called by name from the test. */
import { ArrwClient, ArrwClientError, type LibraryHandle, type LineResult } from "arrwdb-client";

export interface PageReport {
  readonly lines: readonly number[];
  readonly seqs: readonly number[];
  readonly nearest: string | undefined;
  readonly refused: string | undefined;
  readonly roomMessages: readonly string[];
}

const document = (number: number) => ({
  title: `${number}`,
  chunks: [{ text: `${number}`, embedding: [1, 1 / number] }],
});

let library: LibraryHandle | undefined;
let events: Promise<number[]> | undefined;
let nearest: Promise<string | undefined> | undefined;
const lines: number[] = [];
const roomMessages: string[] = [];

const handle = () => {
  if (library === undefined) throw new Error("The page has not begun");
  return library;
};

/** Makes a library, and watches it in each way until it holds so many documents. */
async function begin(url: string, total: number, key?: string): Promise<void> {
  const client = new ArrwClient({ url, key, reconnect: { minDelay: 1, maxDelay: 50 } });
  const { id } = await client.libraries.create({ name: "page", embedding_model: "none", dimension: 2 });
  library = client.library(id);
  const room = library.room("page");
  await room.join();
  void (async () => {
    for await (const { type } of room.messages()) roomMessages.push(type);
  })();
  const feed = library.events({ from: 0 });
  await feed.ready();
  events = (async () => {
    const seqs: number[] = [];
    for await (const { seq } of feed) if (seqs.push(seq) > total) break;
    return seqs;
  })();
  nearest = (async () => {
    for await (const { results } of handle().live({ embedding: [1, 0], k: 1 })) {
      if (results[0]?.text === `${total}`) return results[0].text;
    }
    return undefined;
  })();
}

/** Streams documents in. */
async function ingest(from: number, to: number): Promise<void> {
  function* documents() {
    for (let number = from; number <= to; number++) yield document(number);
  }
  const failed: LineResult[] = [];
  for await (const result of handle().ingest(documents(), { batchDocuments: 20 })) {
    if (result.success) lines.push(result.line + from - 1);
    else failed.push(result);
  }
  if (failed.length > 0) throw new Error(JSON.stringify(failed));
}

async function report(): Promise<PageReport> {
  const found = await handle().search({ embedding: new Float32Array([1, 0]), k: 1 });
  const refused = await handle()
    .search({ embedding: [1, 0], k: 0 })
    .catch((error: unknown) => (error instanceof ArrwClientError ? error.code : String(error)));
  if (found.results[0]?.text !== (await nearest)) throw new Error("The live query and the search differ");
  return {
    lines,
    seqs: (await events) ?? [],
    nearest: await nearest,
    refused: typeof refused === "string" ? refused : undefined,
    roomMessages,
  };
}

Object.assign(globalThis, { page: { begin, ingest, report } });
