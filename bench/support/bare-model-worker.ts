import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { loadModel } from "../../server/src/embedding/builtin/builtin-model.ts";

/** The model and nothing else: takes the next texts by a shared counter, so that no thread ever waits for another. */
const { texts, counter, batch } = z
  .object({ texts: z.array(z.string()), counter: z.instanceof(Int32Array), batch: z.int() })
  .parse(workerData);

const model = await loadModel();
await model.embed(["warm up"]);
parentPort?.on("message", () => {
  void round();
});
parentPort?.postMessage("ready");

async function round(): Promise<void> {
  for (;;) {
    const start = Atomics.add(counter, 0, batch);
    if (start >= texts.length) break;
    await model.embed(texts.slice(start, start + batch));
  }
  parentPort?.postMessage("done");
}
