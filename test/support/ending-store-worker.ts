import { parentPort } from "node:worker_threads";

/** A thread of the embedded store that opens well and ends with the first request. */
parentPort?.once("message", () => {
  throw new Error("This thread ends with the first request");
});
parentPort?.postMessage({ type: "opened" });
