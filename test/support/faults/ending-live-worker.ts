import { parentPort } from "node:worker_threads";

/** A live thread of the embedded store that ends with the first live query. */
parentPort?.once("message", () => {
  throw new Error("This thread ends with the first search");
});
