import { type MessagePort, parentPort, workerData } from "node:worker_threads";

/** A writing thread of the embedded store that opens well and ends with the first request. */
const { search }: { readonly search: MessagePort } = workerData;
search.postMessage({ type: "opened" });
parentPort?.once("message", () => {
  throw new Error("This thread ends with the first request");
});
parentPort?.postMessage({ type: "opened" });
