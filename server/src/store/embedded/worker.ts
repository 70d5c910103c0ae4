import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type Answer, Engine } from "./engine.ts";
import { toErrorData } from "./error-data.ts";
import { StandingFeed } from "./live/standing-feed.ts";
import {
  isWrite,
  type Log,
  type ReadRequest,
  type Reply,
  type Request,
  type SearchRequest,
  type ThreadSettings,
  type WriteRequest,
} from "./messages.ts";

/** What one transaction takes before searches have their turn, so that these do not wait long. */
const documentsPerTransaction = 256;
const bytesPerTransaction = 16 * 1024 * 1024;
/** Searches that are answered before writes have theirs; of clients and of the live thread, so many each. */
const searchesPerRound = 64;

if (parentPort === null) throw new Error("This file runs as a worker thread");
const port = parentPort;
const settings: ThreadSettings = workerData;

const send = (reply: Reply) => port.postMessage(reply);
const log: Log = (level, message, details) => send({ type: "log", level, message, details });
const answer: Answer = (request, outcome) => send({ type: "answer", id: request.id, outcome });
const waiting: Request[] = [];
/** Waits until the live thread has caught up. */
const held: Request[] = [];
let scheduled = false;
const feed = new StandingFeed(settings.live, schedule);

function open(): Engine | undefined {
  try {
    const opened = new Engine(settings, feed, log);
    send({ type: "opened" });
    return opened;
  } catch (error) {
    send({ type: "failed", error: toErrorData(error) });
    return undefined;
  }
}

const engine = open();
if (engine === undefined) port.close();
else {
  port.on("message", (request: Request) => {
    waiting.push(request);
    schedule();
  });
  setInterval(() => {
    engine.tick();
    schedule();
  }, settings.retentionInterval).unref();
  schedule();
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(round);
}

/** One round: as many writes as fit in a transaction, then searches and reads; where nothing waits, a slice of other work. */
function round(): void {
  scheduled = false;
  if (engine === undefined) return;
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    waiting.push(next.message);

  waiting.unshift(...held.splice(0));
  const { writes, searches, reads, closing, later } = takeRound();
  if (writes.length > 0) engine.write(writes, answer, (events) => send({ type: "events", events }));
  if (searches.length > 0) engine.search(searches, answer);
  engine.find(feed.take(searchesPerRound));
  for (const request of reads) engine.read(request, answer);
  waiting.push(...later);

  if (closing !== undefined && waiting.length === 0 && held.length === 0) {
    engine.close();
    answer(closing, { value: undefined });
    port.close();
    return;
  }
  if (closing !== undefined) (held.length > 0 ? held : waiting).push(closing);
  const isBusy = waiting.length > 0 || feed.pending;
  if (isBusy || engine.work()) schedule();
}

interface Round {
  readonly writes: WriteRequest[];
  readonly searches: SearchRequest[];
  readonly reads: ReadRequest[];
  /** Writes and searches for the next round, in their order. */
  readonly later: Request[];
  closing: Request | undefined;
}

function takeRound(): Round {
  const taken: Round = { writes: [], searches: [], reads: [], later: [], closing: undefined };
  let documents = 0;
  let bytes = 0;
  for (const request of waiting.splice(0)) {
    if (request.operation === "close") taken.closing = request;
    else if (request.operation === "search") {
      (taken.searches.length < searchesPerRound ? taken.searches : taken.later).push(request);
    } else if (!isWrite(request)) taken.reads.push(request);
    else if (feed.holds(request)) held.push(request);
    else if (documents >= documentsPerTransaction || bytes >= bytesPerTransaction) taken.later.push(request);
    else {
      documents += request.operation === "writeDocuments" ? request.take.documents.length : 1;
      bytes += sizeOf(request);
      taken.writes.push(request);
    }
  }
  return taken;
}

function sizeOf(request: WriteRequest): number {
  if (request.operation !== "writeDocuments") return 0;
  let bytes = 0;
  for (const { chunks } of request.take.documents) {
    for (const { text, vector } of chunks) bytes += text.length + vector.byteLength;
  }
  return bytes;
}
