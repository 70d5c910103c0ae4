import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { type AnswerRequest, GroupCommitter } from "./group-committer.ts";
import { toErrorData } from "../../engine/threads/error-data.ts";
import type { Log, ThreadReply } from "../../engine/threads/thread-messages.ts";
import { type Operations, type Request, writerThread } from "./writer-messages.ts";
import type { ThreadCalls } from "../../engine/threads/thread-client.ts";
import { OutgoingAnswers } from "../../engine/threads/outgoing-answers.ts";
import { type Committed, type FromWriter, type ToWriter, writerChannel } from "../../engine/search/search-messages.ts";
import { Backlog } from "./write-backlog.ts";
import { Slice } from "../../../scheduling/slice.ts";

/** Milliseconds after which background work gets a slice even under constant load; otherwise no space would be freed. */
const workAtLeastEvery = 100;

const { settings, port } = writerThread.inside();
const search = writerChannel.left(settings.search);

const send = (reply: ThreadReply) => port.send(reply);
const log: Log = (level, message, details) => send({ type: "log", level, message, details });
const answers = new OutgoingAnswers(send);
const answer: AnswerRequest = (request, outcome) => answers.add(request.id, outcome);
const backlog = new Backlog();
const abandoned = new ArrwError("shutting_down", "The server stopped before this was written");
let closing: Request | undefined;
let scheduled = false;
let lastWork = performance.now();
send({ type: "loaded" });

const tellSearch = (message: FromWriter) => search.send(message);

function open(): GroupCommitter | undefined {
  try {
    const opened = new GroupCommitter({
      settings,
      log,
      onStep: (step) => send({ type: "opening", step }),
      onReleased: schedule,
      onExpiry: (libraryId, at) => send({ type: "expiring", libraryId, at }),
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
  search.close();
  port.close();
} else {
  search.onMessage((message) => {
    receive(message, engine);
    schedule();
  });
  port.onMessage((requests) => {
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
        search.close();
        port.close();
      });
  }
}

function take(requests: ThreadCalls<Operations>): void {
  for (const request of requests) {
    // Writes already made cannot be undone.
    if (request.operation === "abandon") continue;
    if (request.operation === "close") closing = request;
    else backlog.add(request);
  }
  // Clients were given the shutdown period; waiting for searches to catch up could take much longer.
  if (closing === undefined) return;
  for (const request of backlog.abandon()) answer(request, { error: toErrorData(abandoned) });
}

/**
 * One round: a slice of writes, in one transaction, then one of reads; if none wait, or it is overdue, a slice of
 * background work.
 */
function round(): void {
  scheduled = false;
  if (engine === undefined) return;
  for (let next = port.next(); next !== undefined; next = port.next()) take(next.message);

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

/** Posts vectors as copies, as a request that still waits may share one of them. */
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
  search.send({ ...committed, changes: copied }, buffers);
}
