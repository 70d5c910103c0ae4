import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type Answer, Engine } from "./engine.ts";
import { toErrorData } from "./error-data.ts";
import {
  isWrite,
  libraryOf,
  type Log,
  type ReadRequest,
  type Reply,
  type Request,
  type WriterThreadSettings,
  type WriteRequest,
} from "./messages.ts";
import { OutgoingAnswers } from "./outgoing-answers.ts";
import type { Committed, FromWriter, ToWriter } from "./search/messages.ts";

/** What one transaction takes before reads have their turn, so that these do not wait long. */
const documentsPerTransaction = 256;
const bytesPerTransaction = 16 * 1024 * 1024;

if (parentPort === null) throw new Error("This file runs as a worker thread");
const port = parentPort;
const settings: WriterThreadSettings = workerData;

const send = (reply: Reply) => port.postMessage(reply);
const log: Log = (level, message, details) => send({ type: "log", level, message, details });
const answers = new OutgoingAnswers(send);
const answer: Answer = (request, outcome) => answers.add(request.id, outcome);
const waiting: Request[] = [];
/** Waits until searches, or the standing ones, have caught up. */
const held: Request[] = [];
/** Libraries that may not be written to for now. */
let heldLibraries: ReadonlySet<string> = new Set();
let closing: Request | undefined;
let scheduled = false;

const tellSearch = (message: FromWriter) => settings.search.postMessage(message);

function open(): Engine | undefined {
  try {
    const opened = new Engine(settings, log, (step) => send({ type: "opening", step }));
    tellSearch({ type: "opened" });
    send({ type: "opened" });
    return opened;
  } catch (error) {
    send({ type: "failed", error: toErrorData(error) });
    return undefined;
  }
}

const engine = open();
if (engine === undefined) {
  settings.search.close();
  port.close();
} else {
  settings.search.on("message", (message: ToWriter) => {
    receive(message, engine);
    schedule();
  });
  port.on("message", (requests: readonly Request[]) => {
    waiting.push(...requests);
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

function receive(message: ToWriter, running: Engine): void {
  switch (message.type) {
    case "applied":
      running.applied(message.number);
      return answers.flush();
    case "held":
      heldLibraries = new Set(message.libraryIds);
      return;
    case "closed":
      running.close();
      if (closing !== undefined) answer(closing, { value: undefined });
      answers.flush();
      settings.search.close();
      port.close();
  }
}

/** One round: as many writes as fit in a transaction, then reads; where nothing waits, a slice of other work. */
function round(): void {
  scheduled = false;
  if (engine === undefined) return;
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    waiting.push(...next.message);

  waiting.unshift(...held.splice(0));
  const { writes, reads, later } = takeRound(engine.canWrite);
  if (writes.length > 0) engine.write(writes, answer, (events) => send({ type: "events", events }), handOver);
  for (const request of reads) engine.read(request, answer, held.length);
  answers.flush();
  waiting.push(...later);

  const isDone = waiting.length === 0 && held.length === 0 && engine.isSettled;
  if (closing !== undefined && isDone) return tellSearch({ type: "close" });
  if (waiting.length > 0 || (closing === undefined && engine.work())) schedule();
}

/** Hands vectors over as copies, as a request that still waits may have one of them too. */
function handOver({ changes, ...committed }: Committed): void {
  const buffers: ArrayBuffer[] = [];
  const copied = changes.map(({ added, ...change }) => ({
    ...change,
    added: added.map(({ key, vector }) => {
      const copy = vector.slice();
      buffers.push(copy.buffer);
      return { key, vector: copy };
    }),
  }));
  settings.search.postMessage({ ...committed, changes: copied } satisfies FromWriter, buffers);
}

interface Round {
  readonly writes: WriteRequest[];
  readonly reads: ReadRequest[];
  /** Writes for the next round, in their order. */
  readonly later: Request[];
}

function takeRound(canWrite: boolean): Round {
  const taken: Round = { writes: [], reads: [], later: [] };
  let documents = 0;
  let bytes = 0;
  for (const request of waiting.splice(0)) {
    if (request.operation === "close") closing = request;
    else if (!isWrite(request)) taken.reads.push(request);
    else if (!canWrite || heldLibraries.has(libraryOf(request) ?? "")) held.push(request);
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
