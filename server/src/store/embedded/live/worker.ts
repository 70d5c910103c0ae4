import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { FromMain, FromStore } from "./messages.ts";
import { StandingQueries } from "./standing-queries.ts";

if (parentPort === null) throw new Error("This file runs as a worker thread");
const main = parentPort;
const store: MessagePort = workerData;

const queries = new StandingQueries(
  (message) => store.postMessage(message),
  (updates) => main.postMessage(updates),
);
let scheduled = false;

main.on("message", (message: FromMain) => {
  queries.fromMain(message);
  schedule();
});
store.on("message", (message: FromStore) => {
  queries.fromStore(message);
  schedule();
});
// The store's thread has ended, and so nothing changes any more.
store.on("close", () => main.close());

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(turn);
}

/** Takes everything that waits as one. */
function turn(): void {
  scheduled = false;
  for (let next = receiveMessageOnPort(main); next !== undefined; next = receiveMessageOnPort(main))
    queries.fromMain(next.message);
  for (let next = receiveMessageOnPort(store); next !== undefined; next = receiveMessageOnPort(store))
    queries.fromStore(next.message);
  queries.settle();
}
