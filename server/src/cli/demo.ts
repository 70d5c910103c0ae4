import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { LineResult } from "@arrwdb/protocol/documents/ingestion";
import { limits } from "@arrwdb/protocol/limits";
import { library } from "@arrwdb/protocol/documents/model";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { type FoundHit, searchResponse } from "@arrwdb/protocol/search/search";
import cliProgress from "cli-progress";
import { WebSocket } from "ws";
import { ConfigError, readConfig } from "../settings/config.ts";
import { splitLines } from "../core/ingestion/lines.ts";
import { ArrwServer } from "../server.ts";
import { onStopSignals } from "../stop-signals.ts";
import { createLogger } from "../telemetry/logger.ts";
import { splitSections } from "./markdown-sections.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const searches = [
  "What happens to my documents when the server crashes?",
  "How do I filter hits by metadata?",
  "How do I upload compressed data?",
];
const socketSearch = "How do I subscribe to new documents?";

/** Milliseconds that requests in progress have to finish after a stop signal. */
const drainTimeout = 5_000;

const print = (text = "") => process.stdout.write(`${text}\n`);
const bold = (text: string) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text: string) => (process.stdout.isTTY ? `\u001b[2m${text}\u001b[0m` : text);

interface DemoDocument {
  readonly title: string;
  readonly texts: readonly string[];
  readonly document_type: string;
  readonly page: string;
}

/** Pages that are made of lists and examples, which are nothing to search by meaning. */
const lists: ReadonlySet<string> = new Set(["README.md", "api.md", "troubleshooting.md", "upgrade.md"]);

/** The project's own pages, one document per section. */
async function readPages(): Promise<readonly DemoDocument[]> {
  const docs = join(root, "docs");
  const inDocs = (await readdir(docs)).filter((name) => !lists.has(name)).map((name) => join(docs, name));
  const atRoot = (await readdir(root)).map((name) => join(root, name));
  const files = [...atRoot, ...inDocs].filter((path) => path.endsWith(".md")).toSorted();
  const pages = await Promise.all(
    files.map(async (path) => ({ page: relative(root, path), text: await readFile(path, "utf8") })),
  );
  return pages.flatMap(({ page, text }) =>
    splitSections(text).map((section) => ({ ...section, document_type: "documentation", page })),
  );
}

async function createLibrary(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${url}/v1/libraries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "demo", description: "The documentation of arrwDB" }),
    signal,
  });
  return library.parse(await response.json()).id;
}

/** Streams the documents in and moves the bar with each receipt. */
async function ingest(documentsUrl: string, documents: readonly DemoDocument[], signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const chunks = documents.reduce((sum, { texts }) => sum + texts.length, 0);
  const bar = new cliProgress.SingleBar(
    {
      format: "  {bar} {value}/{total} documents",
      hideCursor: true,
      linewrap: false,
      noTTYOutput: true,
      notTTYSchedule: 5_000,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(documents.length, 0);
  try {
    const response = await fetch(documentsUrl, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson" },
      body: documents.map((document) => JSON.stringify(document)).join("\n"),
      signal,
    });
    if (response.body === null) throw new Error(`The upload returned status ${response.status} without a body`);
    for await (const { bytes = new Uint8Array() } of splitLines(response.body, limits.lineBytes)) {
      const result: LineResult | { readonly summary: unknown } = JSON.parse(Buffer.from(bytes).toString());
      if ("summary" in result) continue;
      if (!result.success) throw new Error(`Line ${result.line}: ${result.error}`);
      bar.increment();
    }
  } finally {
    // It has hidden the cursor.
    bar.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  print(
    `  ${documents.length} documents with ${chunks} chunks embedded, on disk and searchable in ${seconds.toFixed(1)} s`,
  );
}

function printHits(how: string, query: string, hits: readonly FoundHit[], milliseconds: number): void {
  print(`\n${bold(query)}  ${dim(`${how}, ${milliseconds.toFixed(1)} ms`)}`);
  for (const hit of hits) {
    const text = (hit.text ?? "").replaceAll(/\s+/g, " ");
    print(`  ${hit.rank}. ${hit.document?.title}  ${dim(`distance ${hit.distance?.toFixed(3)}`)}`);
    print(dim(`     ${text.length > 100 ? `${text.slice(0, 100)}…` : text}`));
  }
}

async function searchOverHttp(searchUrl: string, query: string, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const response = await fetch(searchUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, k: 3 }),
    signal,
  });
  const { results } = searchResponse.parse(await response.json());
  printHits("HTTP", query, results, performance.now() - started);
}

async function searchOverSocket(url: string, libraryId: string, query: string): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/libraries/${libraryId}/ws`);
  const answer = await new Promise<{ readonly text: string; readonly milliseconds: number }>((resolve, reject) => {
    let started = 0;
    socket.once("open", () => {
      started = performance.now();
      socket.send(JSON.stringify({ request_id: "demo", action: "search", data: { query_text: query, k: 3 } }));
    });
    socket.once("message", (data: Buffer) =>
      resolve({ text: data.toString(), milliseconds: performance.now() - started }),
    );
    socket.once("error", reject);
  });
  socket.close();
  const { data }: { data: unknown } = JSON.parse(answer.text);
  printHits("WebSocket", query, actions.search.response.parse(data).results, answer.milliseconds);
}

/** On the port that is asked for, or on a free one if that is in use. */
async function startServer(directory: string, ended: AbortSignal): Promise<ArrwServer> {
  const environment = { LOG_LEVEL: "warn", ...process.env, ARRWDB_DATA_DIR: directory };
  const start = async (...more: readonly string[]) => {
    // Of a flag that is given twice, the last one counts.
    const config = readConfig([...process.argv.slice(2), ...more], environment);
    ended.throwIfAborted();
    const server = new ArrwServer(config, createLogger(config.LOG_LEVEL));
    const stop = () => void server.stop();
    ended.addEventListener("abort", stop);
    await server.start().finally(() => ended.removeEventListener("abort", stop));
    return server;
  };
  try {
    return await start();
  } catch (error) {
    if (ended.aborted || !(error instanceof ConfigError) || !error.message.includes("in use")) throw error;
    print(`  ${error.message.split(";")[0]}, so the demo uses a free port.`);
    return start("--port", "0");
  }
}

/** Fills a library and searches it. Once `ended`, its requests are given up, so that the server need not wait for them. */
async function show(url: string, ended: AbortSignal): Promise<void> {
  const libraryId = await createLibrary(url, ended);
  const ofLibrary = `${url}/v1/libraries/${libraryId}`;
  await ingest(`${ofLibrary}/documents/stream`, await readPages(), ended);
  for (const query of searches) await searchOverHttp(`${ofLibrary}/search/stream`, query, ended);
  await searchOverSocket(url, libraryId, socketSearch);
  print(`\nThe server is up at ${bold(url)}, the library is ${bold(libraryId)}. Try:\n`);
  print(
    `  curl -s ${url}/v1/libraries/${libraryId}/search -H 'content-type: application/json' -d '{"query": "durable", "k": 3}'\n`,
  );
  print(dim("Press Ctrl-C to stop it and remove its data."));
}

/** Shows what there is, prints what to try, and runs until stopped. */
async function main(directory: string, ended: AbortSignal): Promise<void> {
  const end = once(ended, "abort");
  print(`${bold("arrwDB demo")}\n\n  Starting on the built-in model, with a fresh data directory ${dim(directory)}`);
  const server = await startServer(directory, ended);
  try {
    await Promise.race([show(server.address, ended), end]);
    if (!ended.aborted) await end;
  } finally {
    await server.drain(drainTimeout);
    await server.stop();
  }
}

const end = new AbortController();
// A closed terminal window sends SIGHUP, and then accepts no more output.
onStopSignals(
  ["SIGINT", "SIGTERM", "SIGHUP"],
  () => end.abort(),
  () => process.exit(1),
);
for (const output of [process.stdout, process.stderr]) output.on("error", () => end.abort());
const directory = mkdtempSync(join(tmpdir(), "arrwdb-demo-"));
// However it ends, a second Ctrl-C included, nothing is left.
process.once("exit", () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
main(directory, end.signal).then(
  () => process.exit(0),
  (error: unknown) => {
    if (end.signal.aborted) process.exit(0);
    process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
