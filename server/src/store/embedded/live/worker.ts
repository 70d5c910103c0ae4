import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { HoldMeter } from "../turns/hold-meter.ts";
import type { FromMain, FromStore, ToMain } from "./messages.ts";
import { StandingQueries } from "./standing-queries.ts";

if (parentPort === null) throw new Error("This file runs as a worker thread");
const main = parentPort;
const store: MessagePort = workerData;

const holds = new HoldMeter();
const tell = (message: ToMain) => main.postMessage(message);
const queries = new StandingQueries((message) => store.postMessage(message), tell);
let scheduled = false;

main.on("message", (message: FromMain) => {
  fromMain(message);
  schedule();
});
store.on("message", (message: FromStore) => {
  fromStore(message);
  schedule();
});
// The store's thread has ended, and so nothing changes any more.
store.on("close", () => main.close());

function fromMain(message: FromMain): void {
  if (message.type === "statistics") tell({ type: "statistics", holds: holds.read() });
  else holds.measure("take", () => queries.fromMain(message));
}

function fromStore(message: FromStore): void {
  holds.measure("take", () => queries.fromStore(message));
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(turn);
}

/** Takes everything that waits as one. */
function turn(): void {
  scheduled = false;
  for (let next = receiveMessageOnPort(main); next !== undefined; next = receiveMessageOnPort(main))
    fromMain(next.message);
  for (let next = receiveMessageOnPort(store); next !== undefined; next = receiveMessageOnPort(store))
    fromStore(next.message);
  holds.measure("settle", () => queries.settle());
}
