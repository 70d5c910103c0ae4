import { parentPort } from "node:worker_threads";
import { dimension, parseRequest } from "../../../server/src/embedding/builtin/model-messages.ts";

/** A thread whose answers do not fit what it was asked, where a text says so. */
if (parentPort === null) throw new Error("This file runs as a worker thread");

const port = parentPort;
port.on("message", (message: unknown) => {
  const { id, windows } = parseRequest(message);
  const says = (words: string) => windows.some((window) => window.includes(words));
  const count = windows.length + (says("ONE TOO MANY") ? 1 : 0) - (says("ONE TOO FEW") ? 1 : 0);
  port.postMessage({
    type: "vectors",
    id: says("ANOTHER BATCH") ? id + 1_000 : id,
    numbers: new Float32Array(count * dimension).fill(1),
  });
});
port.postMessage({ type: "ready" });
