/**
 * An alert: a live query with a threshold, which prints a document when it is written and close enough to a question.
 *
 *   npx node examples/alert-on-relevant-documents.ts [--query TEXT] [--threshold 0.7]
 *     [--url http://localhost:8000] [--library ID]
 *
 * Without --library it creates a library with sample documents. Each line that you type is stored as a document;
 * relevant documents are printed, including those that others write. Stop it with Ctrl-C.
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { ArrwClient, type SocketSearchHit } from "arrwdb-client";

const samples = [
  { title: "Road works", text: "The bridge is closed for repairs until Friday." },
  { title: "Storm warning", text: "A heavy storm with high waves is expected on the coast." },
  { title: "Concert", text: "An evening of chamber music in the town hall." },
];

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://localhost:8000" },
    library: { type: "string" },
    query: { type: "string", default: "dangerous weather at sea" },
    threshold: { type: "string", default: "0.7" },
  },
});
const client = new ArrwClient({ url: values.url });
const library = client.library(values.library ?? (await sampleLibrary()));
const stop = new AbortController();

async function sampleLibrary(): Promise<string> {
  const { id } = await client.libraries.create({ name: "News (example)" });
  for await (const result of client.library(id).ingest(samples)) {
    if (!result.success) throw new Error(result.error);
  }
  console.log(`library ${id}`);
  return id;
}

function print(what: string, { distance, document, text }: SocketSearchHit): void {
  console.log(`${what} ${distance.toFixed(2)}  ${document.title}: ${text}`);
}

/** The first results are the existing documents; from then on, every hit that enters is new. */
async function watch(): Promise<void> {
  const query = { query_text: values.query, k: 100, threshold: Number(values.threshold) };
  let what = "known";
  for await (const { entered } of library.live(query, { signal: stop.signal })) {
    for (const hit of entered) print(what, hit);
    if (what === "known") console.log(`watching for: ${values.query}`);
    what = "ALERT";
  }
}

async function store(): Promise<void> {
  let number = 0;
  for await (const text of lines) {
    if (text.trim() === "") continue;
    const { seq } = await library.add({ title: `Line ${++number}`, text });
    console.log(`stored at ${seq}`);
  }
}

const lines = createInterface(process.stdin);
process.once("SIGINT", () => stop.abort());
try {
  await Promise.all([watch(), store()]);
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
} finally {
  lines.close();
  client.close();
}
