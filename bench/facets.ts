import { parseArgs } from "node:util";
import { library, type Library } from "@arrwdb/protocol/documents/model";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { measure, type Summary } from "./support/figures.ts";
import { post, startServer, upload } from "./support/server.ts";

/** How long searches with facets and groups take in a library of many chunks, and the same search without. */
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    chunks: { type: "string", default: "100000" },
    dimension: { type: "string", default: "64" },
    times: { type: "string", default: "30" },
  },
});
const chunks = Number(values.chunks);
const dimension = Number(values.dimension);
const times = Number(values.times);
const documents = chunks / 10;
const documentsOfUpload = 1_000;

const progress = (text: string) => process.stderr.write(`${text}\n`);
const randomVector = () => Array.from({ length: dimension }, () => Math.random() - 0.5);
const encoded = () => Buffer.from(Float32Array.from(randomVector()).buffer).toString("base64");

/** Ten chunks, each with a number of its own. */
const newDocument = (number: number) => ({
  title: `Document ${number}`,
  author: `Author ${number % 1_000}`,
  tags: [`t${number % 7}`, `u${number % 11}`],
  year: 2000 + (number % 25),
  chunks: Array.from({ length: 10 }, (_chunk, place) => ({
    text: `Chunk ${place} of ${number} has a word${number % 10}`,
    embedding: encoded(),
    metadata: { number: 10 * number + place, url: `https://example.com/${"path/".repeat(15)}${10 * number + place}` },
  })),
});

const server = await startServer();
const made = await post(`${server.url}/v1/libraries`, { name: "bench", embedding_model: "none", dimension });
const { id }: Library = library.parse(await made.json());
for (let from = 0; from < documents; from += documentsOfUpload) {
  progress(`${10 * from} of ${chunks} chunks`);
  const count = Math.min(documentsOfUpload, documents - from);
  await upload(
    server.url,
    id,
    Array.from({ length: count }, (_document, place) => newDocument(from + place)),
  );
}

async function search(asked: object): Promise<void> {
  const response = await post(`${server.url}/v1/libraries/${id}/search`, { embedding: encoded(), k: 10, ...asked });
  searchResponse.parse(await response.json());
}

const filter = { year: { $gte: 2010 } };
const asked: Readonly<Record<string, object>> = {
  "no facets": {},
  "no facets, filter": { metadata_filter: filter },
  year: { facets: ["year"] },
  "year, filter": { facets: ["year"], metadata_filter: filter },
  "author, tags and year, filter": { facets: ["author", "tags", "year"], metadata_filter: filter },
  "document_id, filter": { facets: ["document_id"], metadata_filter: filter },
  "number: a value for each chunk, filter": { facets: ["number"], metadata_filter: filter },
  "url: a long value for each chunk, filter": { facets: ["url"], metadata_filter: filter },
  "author, within a distance": { facets: ["author"], distance_threshold: 0.9 },
  "groups of documents": { group_by: { field: "document_id", hits: 3 } },
  "groups of documents, filter": { group_by: { field: "document_id", hits: 3 }, metadata_filter: filter },
  "25 groups by year, exact": { k: 25, group_by: { field: "year", hits: 3 }, exact: true },
  "author, by words": { facets: ["author"], mode: "text", query: "word3", embedding: undefined },
};

const rows: { readonly search: string; readonly milliseconds: Summary }[] = [];
for (const [name, fields] of Object.entries(asked)) {
  progress(name);
  // The first use of a field indexes it.
  for (let time = 0; time < 3; time++) await search(fields);
  rows.push({ search: name, milliseconds: await measure(times, () => search(fields)) });
}
await server.stop();

const table = rows.map(({ search: name, milliseconds: { median, min, max } }) =>
  [name.padEnd(45), ...[median, min, max].map((figure) => figure.toFixed(1).padStart(9))].join(""),
);
process.stdout.write(
  values.json
    ? `${JSON.stringify({ chunks, dimension, rows }, null, 2)}\n`
    : `${["search".padEnd(45) + ["median", "min", "max"].map((name) => name.padStart(9)).join(""), ...table].join("\n")}\n`,
);
