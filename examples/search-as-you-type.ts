/**
 * Search as you type: each keystroke starts a search, outdated searches are cancelled, and the latest result is shown.
 *
 *   npx node examples/search-as-you-type.ts [--url http://localhost:8000] [--library ID]
 *
 * Without --library it creates a library with sample documents. Type, and stop it with Ctrl-C. If the input is not a
 * terminal, each line stands for what was typed so far.
 */
import { createInterface, emitKeypressEvents, type Key } from "node:readline";
import { parseArgs } from "node:util";
import { ArrwClient, type SearchHit } from "arrwdb-client";

const samples = [
  { title: "Pancakes", text: "Flour, milk and eggs, fried in butter for breakfast." },
  { title: "Onion soup", text: "A hot soup of onions, with bread and cheese on top." },
  { title: "Apple pie", text: "Apples baked in sweet dough, for dessert." },
  { title: "Green salad", text: "Fresh leaves with oil and vinegar." },
  { title: "Lentil curry", text: "A spicy stew of lentils, without any meat." },
  { title: "Hot chocolate", text: "A warm, sweet drink of milk and cocoa." },
];

const { values } = parseArgs({
  options: { url: { type: "string", default: "http://localhost:8000" }, library: { type: "string" } },
});
const client = new ArrwClient({ url: values.url });
const library = client.library(values.library ?? (await sampleLibrary()));
/** Of the latest search; earlier ones are cancelled. */
let newest = new AbortController();

async function sampleLibrary(): Promise<string> {
  const { id } = await client.libraries.create({ name: "Recipes (example)" });
  for await (const result of client.library(id).ingest(samples)) {
    if (!result.success) throw new Error(result.error);
  }
  console.log(`library ${id}`);
  return id;
}

async function typed(text: string): Promise<void> {
  newest.abort();
  const { signal } = (newest = new AbortController());
  if (text === "") return show(text, []);
  try {
    const { results } = await library.search({ query: text, k: 3 }, { signal });
    if (!signal.aborted) show(text, results);
  } catch (error) {
    // The user has typed on, or stopped the program.
    if (!signal.aborted) throw error;
  }
}

function show(text: string, hits: readonly SearchHit[]): void {
  if (process.stdout.isTTY) console.clear();
  console.log(`> ${text}`);
  for (const { document, distance } of hits) console.log(`  ${distance.toFixed(2)}  ${document.title}`);
}

function end(): void {
  newest.abort();
  client.close();
  process.stdin.pause();
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
  end();
}

function readKeys(): void {
  let text = "";
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode(true);
  process.stdin.on("keypress", (character: string | undefined, key: Key) => {
    if (key.ctrl === true && key.name === "c") return end();
    if (key.name === "backspace") text = text.slice(0, -1);
    else if (character !== undefined && character >= " ") text += character;
    typed(text).catch(fail);
  });
  process.stdin.once("pause", () => process.stdin.setRawMode(false));
  show(text, []);
}

async function readLines(): Promise<void> {
  let last = Promise.resolve();
  for await (const line of createInterface(process.stdin)) {
    last = typed(line);
    last.catch(fail);
  }
  await last;
  end();
}

process.once("SIGINT", end);
if (process.stdin.isTTY) readKeys();
else readLines().catch(fail);
