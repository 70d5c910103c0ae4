import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { library } from "@arrwdb/protocol/documents/model";
import { libraryStatistics } from "@arrwdb/protocol/statistics";
import { Scrape } from "../test/support/metrics.ts";
import { percentile } from "./support/figures.ts";
import { post, upload } from "./support/server.ts";
import { RestartableServer } from "./support/server-under-test.ts";

/**
 * PATCH of one document's fields over HTTP: the time until the response, beside an fsync of as much alone, and the longest
 * turns of the threads. For documents of one chunk in a library of many, and for one document of many chunks; filters on the
 * patched fields are indexed.
 *
 * `npm run bench:patches -- --documents 100000 --chunks 10000`
 */
const { values } = parseArgs({
  options: {
    documents: { type: "string", default: "100000" },
    chunks: { type: "string", default: "10000" },
    dimension: { type: "string", default: "64" },
    patches: { type: "string", default: "200" },
  },
});
const documents = Number(values.documents);
const chunks = Number(values.chunks);
const dimension = Number(values.dimension);
const patches = Number(values.patches);
const documentsOfUpload = 1_000;

const print = (line: string) => process.stdout.write(`${line}\n`);
const embedding = () =>
  Buffer.from(Float32Array.from({ length: dimension }, () => Math.random() - 0.5).buffer).toString("base64");
const chunk = (number: number) => ({ text: `some words of part ${number}`, embedding: embedding() });
const newDocument = (id: string, count: number) => ({
  id,
  title: `Title ${id}`,
  level: 0,
  chunks: Array.from({ length: count }, (_each, index) => chunk(index)),
});

const server = await RestartableServer.start();
const created = await post(`${server.url}/v1/libraries`, { name: "bench", embedding_model: "none", dimension });
const { id: libraryId } = library.parse(await created.json());
for (let from = 0; from < documents; from += documentsOfUpload) {
  const count = Math.min(documentsOfUpload, documents - from);
  await upload(
    server.url,
    libraryId,
    Array.from({ length: count }, (_each, index) => newDocument(`${from + index}`, 1)),
  );
}
await upload(server.url, libraryId, [newDocument("large", chunks)]);

/** Milliseconds until the response. */
async function patch(id: string, body: unknown): Promise<number> {
  const begin = performance.now();
  const response = await fetch(`${server.url}/v1/libraries/${libraryId}/documents/${id}`, {
    method: "PATCH",
    headers: { "content-type": "application/merge-patch+json" },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${response.status}`);
  return performance.now() - begin;
}

async function search(level: number): Promise<number> {
  const begin = performance.now();
  const request = { embedding: embedding(), k: 10, metadata_filter: { level } };
  const response = await post(`${server.url}/v1/libraries/${libraryId}/search`, request);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${response.status}`);
  return performance.now() - begin;
}

/** Vectors that the index has still to take in, which would be measured too. */
async function pending(): Promise<number> {
  const response = await fetch(`${server.url}/v1/libraries/${libraryId}/stats`);
  return libraryStatistics.parse(await response.json()).index.pending;
}

/** Milliseconds of an fsync of a few pages, as a commit has. */
async function syncs(): Promise<readonly number[]> {
  const directory = await mkdtemp(join(tmpdir(), "arrwdb-bench-"));
  const file = await open(join(directory, "file"), "w");
  const times: number[] = [];
  for (let time = 0; time < patches; time++) {
    await file.write(Buffer.alloc(32 * 1024, time));
    const begin = performance.now();
    await file.datasync();
    times.push(performance.now() - begin);
  }
  await file.close();
  await rm(directory, { recursive: true });
  return times;
}

/** The longest turn of each work of the threads of the store so far, in milliseconds. */
async function turns(): Promise<ReadonlyMap<string, number>> {
  const { families } = await Scrape.of(server.url);
  const family = families.find(({ name }) => name === "arrwdb_thread_longest_turn_seconds");
  return new Map(
    family?.metrics.map(({ labels, value }) => [`${labels?.["thread"]}: ${labels?.["work"]}`, value * 1_000]),
  );
}

const figures = (times: readonly number[]) =>
  [0, 50, 99].map((percent) => percentile(times, percent).toFixed(2).padStart(9)).join("");

async function measure(name: string, run: (number: number) => Promise<number>, times = patches): Promise<void> {
  // A start of its own, as the longest turns count from there; and a filter, which indexes the field.
  await server.stop();
  await server.startAgain();
  do await search(-1);
  while ((await pending()) > 0);
  await patch("0", { warm: Math.random() });
  const before = await turns();
  const taken: number[] = [];
  for (let number = 0; number < times; number++) taken.push(await run(number));
  const after = await turns();
  print(`${name.padEnd(52)}${figures(taken)}`);
  for (const [work, longest] of after) {
    if (longest > (before.get(work) ?? 0))
      print(`    longest turn, ${work.padEnd(33)}${longest.toFixed(2).padStart(9)}`);
  }
}

const large = Math.ceil(patches / 10);
print(`${documents} documents of one chunk, one of ${chunks}, ${dimension} dimensions; ms: least, p50 and p99`);
print(`${"fsync alone".padEnd(52)}${figures(await syncs())}`);
await measure("PATCH of metadata, one chunk", (number) => patch(`${7 * number}`, { level: number + 1 }));
await measure("PATCH of the title, one chunk", (number) => patch(`${7 * number}`, { title: `New ${number}` }));
await measure("PATCH that changes nothing", () => patch("5", { level: 0 }));
await measure(`PATCH of metadata, ${chunks} chunks`, (number) => patch("large", { level: number + 1 }), large);
await measure(
  `a search by the field after that`,
  async (number) => {
    await patch("large", { level: 1_000 + number });
    return search(1_000 + number);
  },
  large,
);
await measure(`PATCH of the title, ${chunks} chunks`, (number) => patch("large", { title: `New ${number}` }), 3);
await server.remove();
