import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { HoldMeter } from "../../../scheduling/hold-meter.ts";
import type { FromMain, FromStore, ToMain } from "./live-messages.ts";
import { LiveQueryRegistry } from "./live-query-registry.ts";

if (parentPort === null) throw new Error("This file runs as a worker thread");
const main = parentPort;
const store: MessagePort = workerData;

const holds = new HoldMeter();
const toMain = (message: ToMain) => main.postMessage(message);
const queries = new LiveQueryRegistry({ toStore: (message) => store.postMessage(message), toMain, holds });
let scheduled = false;
let isOver = false;

main.on("message", (message: FromMain) => {
  fromMain(message);
  schedule();
});
store.on("message", (message: FromStore) => {
  fromStore(message);
  schedule();
});
// The store's thread has ended, and so nothing changes any more, and what waits will be told to nobody.
store.on("close", () => {
  isOver = true;
  main.close();
});

function fromMain(message: FromMain): void {
  if (message.type === "statistics") toMain({ type: "statistics", holds: holds.read() });
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

/** Takes what waits, so that it is looked at together, and has its turn. */
function turn(): void {
  scheduled = false;
  if (isOver) return;
  for (let next = receiveMessageOnPort(main); next !== undefined; next = receiveMessageOnPort(main))
    fromMain(next.message);
  for (let next = receiveMessageOnPort(store); next !== undefined; next = receiveMessageOnPort(store))
    fromStore(next.message);
  if (queries.turn()) schedule();
}
