import { once } from "node:events";
import { parseArgs } from "node:util";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { WebSocket } from "ws";
import { measure, type Summary } from "./support/figures.ts";
import { createLibrary, post, startServer, upload } from "./support/server.ts";
import { generateTexts } from "./support/texts.ts";

/**
 * The operations whose times the first guide published, measured with the built-in model: every text and every query is
 * new, so that nothing comes from a cache.
 */
const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, times: { type: "string", default: "20" } },
});
const times = Number(values.times);

interface Row {
  readonly operation: string;
  /** Milliseconds that the guide gives, the lower end where it gives a range. */
  readonly guide: number;
  readonly milliseconds: Summary;
}

const rows: Row[] = [];
const progress = (text: string) => process.stderr.write(`${text}\n`);
let used = 0;
const words = generateTexts(400);
/** A text of about this many characters that was not there before. */
function newText(length: number): string {
  let text = `${used++}`;
  while (text.length < length) text += ` ${words[(used * 7 + text.length) % words.length]}`;
  return text.slice(0, length);
}
const newDocument = (length: number, number = 0) => ({
  title: `Document ${number}`,
  texts: [newText(length)],
  author: `Author ${number % 10}`,
  year: 2000 + (number % 25),
  tags: [`t${number % 7}`],
});

const server = await startServer();

progress("streaming documents");
for (const [count, guide] of [
  [1, 154],
  [3, 1000],
  [10, 2800],
  [100, 28_000],
] as const) {
  const libraryId = await createLibrary(server.url);
  const runs = count === 100 ? Math.min(times, 5) : times;
  const milliseconds = await measure(runs, () =>
    upload(
      server.url,
      libraryId,
      Array.from({ length: count }, (_, index) => newDocument(480, index)),
    ),
  );
  rows.push({ operation: `stream ${count} documents of 500 bytes`, guide, milliseconds });
}

const searched = await createLibrary(server.url);
let size = 0;
for (const [documents, k, guide] of [
  [10, 5, 85],
  [100, 10, 142],
  [1_000, 10, 278],
  [10_000, 20, 524],
] as const) {
  progress(`searching ${documents} documents`);
  for (; size < documents; size += 500) {
    const count = Math.min(500, documents - size);
    await upload(
      server.url,
      searched,
      Array.from({ length: count }, (_, index) => newDocument(60, size + index)),
    );
    if (count < 500) {
      size += count;
      break;
    }
  }
  const filter =
    documents === 10_000
      ? { $and: [{ year: { $gte: 2005 } }, { tags: { $in: ["t1", "t2"] } }, { author: { $ne: "Author 3" } }] }
      : undefined;
  const milliseconds = await measure(times, async () => {
    const response = await post(`${server.url}/v1/libraries/${searched}/search/stream`, {
      query: newText(40),
      k,
      ...(filter === undefined ? {} : { metadata_filter: filter }),
    });
    const { total } = searchResponse.parse(await response.json());
    if (total !== k) throw new Error(`${total} hits instead of ${k}`);
  });
  rows.push({
    operation: `search ${documents} documents${filter === undefined ? "" : ", filtered"}, ${k} hits`,
    guide,
    milliseconds,
  });
}

progress("WebSocket");
const address = `${server.url.replace("http", "ws")}/v1/libraries/${searched}/ws`;
const connect = async () => {
  const socket = new WebSocket(address);
  await once(socket, "open");
  return socket;
};
rows.push({
  operation: "WebSocket connect",
  guide: 15,
  milliseconds: await measure(times, async () => (await connect()).close()),
});

const socket = await connect();
async function request(action: string, data: unknown): Promise<unknown> {
  socket.send(JSON.stringify({ request_id: `${used++}`, action, data }));
  const [frame]: unknown[] = await once(socket, "message");
  const answer: {
    success: boolean;
    error: string | null;
    data: { document?: { id: string }; subscription_id?: string };
  } = JSON.parse(String(frame));
  if (!answer.success) throw new Error(`${action}: ${answer.error}`);
  return answer.data.document?.id ?? answer.data.subscription_id;
}
const added: unknown[] = [];
rows.push({
  operation: "WebSocket search",
  guide: 80,
  milliseconds: await measure(times, () => request("search", { query_text: newText(40), k: 10 })),
});
rows.push({
  operation: "WebSocket add",
  guide: 150,
  milliseconds: await measure(times, async () =>
    added.push(await request("add", { title: "Added", text: newText(480) })),
  ),
});
rows.push({
  operation: "WebSocket delete",
  guide: 5,
  milliseconds: await measure(times, (time) => request("delete", { document_id: added[time] })),
});
rows.push({
  operation: "WebSocket subscribe",
  guide: 3,
  milliseconds: await measure(times, async () => void (await request("subscribe", { events: ["document.added"] }))),
});
socket.close();
await server.stop();

const beaten = rows.filter(({ guide, milliseconds }) => milliseconds.median < guide).length;
if (values.json) process.stdout.write(`${JSON.stringify({ times, rows })}\n`);
else {
  process.stdout.write(
    `${"".padEnd(44)}${["guide", "median", "min", "max", "times faster"].map((name) => name.padStart(13)).join("")}\n`,
  );
  for (const { operation, guide, milliseconds } of rows) {
    const { median, min, max } = milliseconds;
    const cells = [
      `${guide} ms`,
      ...[median, min, max].map((number) => `${number.toFixed(1)} ms`),
      `${(guide / median).toFixed(1)} x`,
    ];
    process.stdout.write(`${operation.padEnd(44)}${cells.map((cell) => cell.padStart(13)).join("")}\n`);
  }
  process.stdout.write(`${beaten} of ${rows.length} rows are faster than the guide's\n`);
}
