import { availableParallelism } from "node:os";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { CallerQueue } from "../../../scheduling/caller-queue.ts";
import { toErrorData } from "../threads/error-data.ts";
import { LiveFeed } from "./live/live-feed.ts";
import type { Log, Outcome, ThreadReply } from "../threads/thread-messages.ts";
import type { DocumentRequest } from "./long/parked-searches.ts";
import { documentQueries } from "../documents/document-messages.ts";
import { OutgoingAnswers } from "../threads/outgoing-answers.ts";
import {
  type Committed,
  type FromWriter,
  searchThread,
  type SearchOperations,
  type SearchThreadRequest,
  type ToWriter,
  writerChannel,
} from "./search-messages.ts";
import type { ThreadCalls } from "../threads/thread-client.ts";
import { type AnswerSearch, SearchEngine } from "./search-engine.ts";
import { Unanswered } from "./answers/unanswered-requests.ts";

/**
 * Batch sizes for searches of clients and of the live thread. Larger batches would be cheaper to compare, but while a batch
 * runs, no requests are read and no answers written. So if few wait, half of them are left for the next round.
 */
const searchesPerRound = 4 * availableParallelism();
const inThisRound = (waitingSearches: number) =>
  Math.min(searchesPerRound, Math.max(searchesPerRound / 2, Math.ceil(waitingSearches / 2)));
/** Milliseconds after which background work gets a slice even under constant load; otherwise indexes would never be built. */
const workAtLeastEvery = 12;
/** Milliseconds for which saving graphs, which is slow, may be postponed under constant load. */
const restAtLeastEvery = 10 * 60_000;
/** Milliseconds within which a commit has to arrive here after it was written. */
const commitTimeout = 10_000;

const { settings, port } = searchThread.inside();
const writer = writerChannel.right(settings.writer);
const { restAfter } = settings.thresholds;

const send = (reply: ThreadReply) => port.send(reply);
const tell = (message: ToWriter) => writer.send(message);
const log: Log = (level, message, details) => send({ type: "log", level, message, details });
const answers = new OutgoingAnswers(send);
const unanswered = new Unanswered();
const answer: AnswerSearch = ({ id }, outcome) => {
  if (unanswered.end(id)) answers.add(id, outcome);
};
const isWanted = ({ id }: SearchThreadRequest) => unanswered.isWanted(id);
/** Callers take turns, and so do the libraries of each. */
const waiting = new CallerQueue<SearchThreadRequest>();
/** Searches that were received and wait for the next round. */
let postponed: ReturnType<SearchEngine["search"]> = [];
const commits: Committed[] = [];
const closed = new ArrwError("shutting_down", "The server stopped before this search was answered");
let scheduled = false;
let closing = false;
let recovered = false;
let engine: SearchEngine | undefined;
let held = "";
let lastRequest = performance.now();
let lastRest = lastRequest;
let lastWork = lastRequest;
const feed = new LiveFeed(settings.live, schedule);
send({ type: "loaded" });

port.onMessage((requests) => {
  take(requests);
  schedule();
});
writer.onMessage((message) => {
  receive(message);
  schedule();
});
writer.onClose(() => port.close());
setInterval(schedule, restAfter).unref();

function take(requests: ThreadCalls<SearchOperations>): void {
  const since = performance.now();
  for (const request of requests) {
    if (request.operation === "abandon") {
      unanswered.abandon(request.id);
      continue;
    }
    unanswered.add(request.id);
    const library = request.operation === "searchStatistics" ? undefined : request.take.libraryId;
    waiting.add(callerOf(request), library, [{ ...request, since }]);
  }
}

function isDocumentRequest(request: SearchThreadRequest): request is DocumentRequest {
  return documentQueries.has(request.operation);
}

function callerOf(request: SearchThreadRequest): string | undefined {
  switch (request.operation) {
    case "search":
      return request.take.search.caller;
    case "searchPage":
    case "countDocuments":
    case "listDocuments":
    case "matchDocuments":
      return request.take.caller;
    case "libraryStatistics":
    case "buildNextIndex":
    case "searchStatistics":
      return undefined;
  }
}

function receive(message: FromWriter): void {
  if (message.type === "committed") commits.push(message);
  else if (message.type === "close") closing = true;
  else open();
}

function open(): void {
  try {
    engine = new SearchEngine(settings, feed, { commits: { next: nextCommit, applied }, log, answer, isWanted });
    send({ type: "opened" });
  } catch (error) {
    send({ type: "failed", error: toErrorData(error) });
    writer.close();
    port.close();
  }
}

function applied({ number }: Committed): void {
  tell({ type: "applied", number });
}

/** Blocks until the next commit, already written, is reported. */
function nextCommit(): Committed {
  const deadline = performance.now() + commitTimeout;
  for (;;) {
    const next = commits.shift();
    if (next !== undefined) return next;
    const received = writer.next();
    if (received !== undefined) receive(received.message);
    else if (performance.now() > deadline) throw new Error("The writing thread did not tell of a commit");
  }
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(round);
}

/**
 * One round: waiting client searches, then commits, then searches of the live thread; if none wait, or it is overdue, a
 * slice of background work.
 */
function round(): void {
  scheduled = false;
  if (engine === undefined) return;
  for (let next = port.next(); next !== undefined; next = port.next()) take(next.message);

  const taken: SearchThreadRequest[] = [];
  for (let left = inThisRound(waiting.size) - postponed.length; left > 0; left--) {
    const next = waiting.next();
    if (next !== undefined) taken.push(next);
  }
  const searches = [...postponed, ...taken.filter((request) => request.operation === "search")];
  if (searches.length > 0 || taken.length > 0 || commits.length > 0) lastRequest = performance.now();
  postponed = engine.search(searches);
  for (const request of taken) {
    if (request.operation === "searchStatistics") answer(request, { value: engine.totals() });
    if (request.operation === "libraryStatistics")
      answer(
        request,
        outcomeOf(() => engine?.statistics(request.take.libraryId)),
      );
    if (request.operation === "buildNextIndex")
      answer(
        request,
        outcomeOf(() => engine?.buildNext(request.take.libraryId)),
      );
    if (request.operation === "searchPage") engine.page(request);
    if (isDocumentRequest(request)) engine.query(request);
  }
  answers.flush();
  for (const committed of commits.splice(0)) {
    engine.apply(committed);
    applied(committed);
  }
  engine.find(searches.length > 0);
  // Shutdown must not wait for searches as long as these.
  if (closing) engine.refuseLong(closed);
  else engine.goOn();
  answers.flush();
  hold(engine.held());

  tellRecovery(engine);

  const isBusy = postponed.length > 0 || !waiting.empty || commits.length > 0 || feed.pending || engine.waiting > 0;
  if (closing && !isBusy) return close(engine);
  if (isBusy && performance.now() - lastWork < workAtLeastEvery) return schedule();
  const isUnfinished = engine.work();
  lastWork = performance.now();
  if (isBusy || isUnfinished) schedule();
  else if (engine.parked > 0) schedule();
  else rest(engine);
}

function tellRecovery(running: SearchEngine): void {
  if (recovered || !running.recovered) return;
  recovered = true;
  send({ type: "recovered" });
}

function outcomeOf(run: () => unknown): Outcome<unknown> {
  try {
    return { value: run() };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}

function hold(libraryIds: readonly string[]): void {
  const now = libraryIds.join();
  if (now === held) return;
  held = now;
  tell({ type: "held", libraryIds });
}

function rest(idle: SearchEngine): void {
  const now = performance.now();
  if (now - lastRequest < restAfter && now - lastRest < restAtLeastEvery) return;
  if (idle.rest()) schedule();
  else lastRest = now;
}

function close(running: SearchEngine): void {
  running.close();
  engine = undefined;
  tell({ type: "closed" });
  writer.close();
  port.close();
}
