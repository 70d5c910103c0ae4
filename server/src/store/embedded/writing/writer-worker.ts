import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { ArrwError } from "@arrwdb/protocol/errors";
import { type AnswerRequest, GroupCommitter } from "./group-committer.ts";
import { toErrorData } from "../../engine/threads/error-data.ts";
import type { Log, ThreadReply } from "../../engine/threads/thread-messages.ts";
import type { Request, WriterThreadSettings } from "./writer-messages.ts";
import { OutgoingAnswers } from "../../engine/threads/outgoing-answers.ts";
import type { Committed, FromWriter, ToWriter } from "../../engine/search/search-messages.ts";
import { Backlog } from "./write-backlog.ts";
import { Slice } from "../../../scheduling/slice.ts";

/** Milliseconds for which a slice of other work waits at most, however much is asked for: space would never come back. */
const workAtLeastEvery = 100;

if (parentPort === null) throw new Error("This file runs as a worker thread");
const port = parentPort;
const settings: WriterThreadSettings = workerData;

const send = (reply: ThreadReply) => port.postMessage(reply);
const log: Log = (level, message, details) => send({ type: "log", level, message, details });
const answers = new OutgoingAnswers(send);
const answer: AnswerRequest = (request, outcome) => answers.add(request.id, outcome);
const backlog = new Backlog();
const abandoned = new ArrwError("shutting_down", "The server stopped before this was written");
let closing: Request | undefined;
let scheduled = false;
let lastWork = performance.now();
send({ type: "loaded" });

const tellSearch = (message: FromWriter) => settings.search.postMessage(message);

function open(): GroupCommitter | undefined {
  try {
    const opened = new GroupCommitter({
      settings,
      log,
      onStep: (step) => send({ type: "opening", step }),
      onReleased: schedule,
    });
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
    take(requests);
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

function receive(message: ToWriter, running: GroupCommitter): void {
  switch (message.type) {
    case "applied":
      running.applied(message.number);
      return answers.flush();
    case "held":
      return backlog.hold(message.libraryIds);
    case "closed":
      running.close(() => {
        if (closing !== undefined) answer(closing, { value: undefined });
        answers.flush();
        settings.search.close();
        port.close();
      });
  }
}

function take(requests: readonly Request[]): void {
  for (const request of requests) {
    if (request.operation === "close") closing = request;
    else backlog.add(request);
  }
  // Whoever waits has had the time that stopping gives; what waits for searches to catch up could take much longer.
  if (closing === undefined) return;
  for (const request of backlog.abandon()) answer(request, { error: toErrorData(abandoned) });
}

/**
 * One round: a slice of writes, in one transaction, then one of reads; where nothing waits, or it has been long, a slice of
 * other work.
 */
function round(): void {
  scheduled = false;
  if (engine === undefined) return;
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) take(next.message);

  if (engine.canWrite)
    engine.write(backlog.transaction(), answer, (events) => send({ type: "events", events }), handOver);
  const slice = new Slice();
  for (let read = backlog.read(); read !== undefined; read = slice.over ? undefined : backlog.read())
    engine.read(read, answer, backlog.held(engine.canWrite));
  answers.flush();

  const isDone = backlog.size === 0 && engine.isSettled;
  if (closing !== undefined && isDone) return tellSearch({ type: "close" });
  const isBusy = backlog.pending(engine.canWrite);
  if (isBusy && performance.now() - lastWork < workAtLeastEvery) {
    engine.fold();
    return schedule();
  }
  const isUnfinished = closing === undefined && engine.work();
  engine.fold();
  lastWork = performance.now();
  if (isBusy || isUnfinished) schedule();
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
