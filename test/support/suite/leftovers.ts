import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll } from "vitest";
import { endAll } from "../server/endings.ts";
import { eventually } from "../waiting.ts";

/** What keeps working for nobody when a test forgets it. Sockets that `fetch` keeps for its next call are not among it. */
const watched: ReadonlySet<string> = new Set(["TCPServerWrap", "PipeServerWrap", "ProcessWrap"]);
const running = new Set<Worker>();

const onWorker = (worker: Worker) => {
  running.add(worker);
  worker.once("exit", () => running.delete(worker));
};

/** How many there are of each. */
function counted(): string {
  const resources = process.getActiveResourcesInfo();
  const counts = [...watched].map((name) => [name, resources.filter((resource) => resource === name).length]);
  return JSON.stringify(Object.fromEntries([["Worker", running.size], ...counts]));
}

/** Files share a process, so each ends what it has begun: servers, threads and processes. */
let before = "";
beforeAll(() => {
  process.on("worker", onWorker);
  before = counted();
});
afterAll(async () => {
  await endAll();
  await eventually(() => counted() === before, {
    describe: () => `the file to end what it began, which was ${before}, and is ${counted()}`,
    within: 10_000,
  });
  process.off("worker", onWorker);
});
