import { HoldMeter } from "../../../scheduling/hold-meter.ts";
import { type FromMain, type FromStore, liveChannel, liveThread, type ToMain } from "./live-messages.ts";
import { LiveEngine } from "./live-engine.ts";

const { settings, port: main } = liveThread.inside();
const store = liveChannel.right(settings);

const holds = new HoldMeter();
const toMain = (message: ToMain) => main.send(message);
const queries = new LiveEngine({ toStore: (message) => store.send(message), toMain, holds });
let scheduled = false;
let isOver = false;

main.onMessage((message) => {
  fromMain(message);
  schedule();
});
store.onMessage((message) => {
  fromStore(message);
  schedule();
});
// The search thread has ended, so nothing changes any more, and pending updates have no recipient.
store.onClose(() => {
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

/** Collects waiting messages, so that they are processed together, and runs a turn. */
function turn(): void {
  scheduled = false;
  if (isOver) return;
  for (let next = main.next(); next !== undefined; next = main.next()) fromMain(next.message);
  for (let next = store.next(); next !== undefined; next = store.next()) fromStore(next.message);
  if (queries.turn()) schedule();
}
