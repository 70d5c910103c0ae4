/**
 * Documents by filter: counts, lists and deletions in a library of 100,000 chunks, and the longest turns of the threads.
 *
 * `npm run bench:documents -- --documents 100000 --chunks 1`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { NewDocument } from "../server/src/store/document-store.ts";
import { EmbeddedStore } from "../server/src/store/embedded/embedded-store.ts";
import { randomUnitVector, seededRandom } from "../test/support/data/vectors.ts";

const { values: options } = parseArgs({
  options: {
    documents: { type: "string", default: "100000" },
    chunks: { type: "string", default: "1" },
    dimension: { type: "string", default: "64" },
  },
});
const documents = Number(options.documents);
const chunks = Number(options.chunks);
const dimension = Number(options.dimension);
const runs = 9;
const random = seededRandom(1);

const directory = await mkdtemp(join(tmpdir(), "arrwdb-documents-"));
let store = await EmbeddedStore.open({ directory });
const { id } = await store.libraries.create({
  name: "Documents",
  description: null,
  embeddingModel: "none",
  dimension,
  events: { max_age_seconds: 3_600, max_count: null, search_performed: false },
});

const newDocument = (number: number): NewDocument => ({
  id: undefined,
  title: `Title ${number % 1_000}`,
  titleGenerated: false,
  author: `Author ${number % 50}`,
  documentType: null,
  sourceUrl: null,
  tags: [`t${number % 7}`],
  metadata: { number, year: 1990 + (number % 35), price: Math.floor(random() * 1e6) / 100 },
  chunks: Array.from({ length: chunks }, (_each, index) => ({
    text: `some words of text ${number} in part ${index}`,
    pageNumber: null,
    metadata: {},
    vector: randomUnitVector(dimension, random),
  })),
});

const print = (line: string) => process.stdout.write(`${line}\n`);

/** The first run, which may index a field, and the median of others. */
async function measure(name: string, run: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index <= runs; index++) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  const [first = 0, ...others] = times;
  const sorted = others.toSorted((a, b) => a - b);
  print(
    `${name}: first ${first.toFixed(0)} ms, then ${(sorted[runs >> 1] ?? 0).toFixed(1)} (${(sorted[0] ?? 0).toFixed(1)} to ${(sorted.at(-1) ?? 0).toFixed(1)})`,
  );
}

const isMeant = ({ turns }: { readonly turns: number }) => turns > 0;

/** The longest turns since the store was opened, in processor time: other programs do not count. */
async function printHolds(when: string): Promise<void> {
  const writing = await store.statistics.writing();
  const search = await store.statistics.searching();
  for (const [thread, state] of Object.entries({ writing, search })) {
    const holds = state?.holds
      .filter(isMeant)
      .map(({ work, longestProcessor }) => `${work} ${longestProcessor.toFixed(1)}`);
    print(`${when}, longest turns of the ${thread} thread in ms: ${holds?.join(", ")}`);
  }
}

for (let from = 0; from < documents; from += 500) {
  const size = Math.min(500, documents - from);
  await store.documents.write(
    id,
    Array.from({ length: size }, (_each, index) => newDocument(from + index)),
  );
}
print(`${documents} documents of ${chunks} chunks, ${dimension} dimensions`);
await printHolds("Writing");

const count = (filter: Filter) => () => store.documents.count(id, { filter });
await measure("count, one value of 50", count({ author: "Author 3" }));
await measure("count, all but one value", count({ author: { $ne: "Author 3" } }));
await measure("count, a range that half pass", count({ number: { $lt: documents / 2 } }));
await measure("count, three conditions", count({ number: { $lt: documents / 2 }, year: { $gte: 2000 }, tags: "t3" }));
const list = (listing: object) => () => store.documents.list(id, { limit: 50, ...listing });
await measure("list of 50, everything", list({}));
await measure("list of 50, a filter that half pass", list({ filter: { number: { $lt: documents / 2 } } }));
await measure(
  "list of 50, sorted, of a fiftieth",
  list({ filter: { author: "Author 3" }, sort: { field: "price", descending: true } }),
);
await measure("list of 50, sorted, of everything", list({ sort: { field: "price", descending: true } }));
await printHolds("Reading");

// Opened again, so that the turns are those of the deletion.
await store.close();
store = await EmbeddedStore.open({ directory });
await store.recovered;
await store.documents.count(id, { filter: { number: 0 } });
const started = performance.now();
let deleted = 0;
let slices = 0;
for await (const slice of store.documents.deleteMatching(id, { filter: { number: { $gte: 0 } } })) {
  deleted = slice.deleted;
  slices++;
}
const seconds = (performance.now() - started) / 1_000;
print(`deleted ${deleted} documents in ${seconds.toFixed(1)} s, in ${slices} transactions`);
await printHolds("Deleting");
await store.close();
await rm(directory, { recursive: true });
