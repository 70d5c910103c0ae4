import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into a server before its own code: at a signal it collects its garbage and prints how many bytes it holds on to.
 * What a process has from the system says more of V8's thrift than of what is kept.
 */
if (isMainThread) {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  process.on("SIGUSR2", () => {
    if (typeof collect !== "function") throw new Error("Garbage cannot be collected");
    collect();
    const { heapUsed, external } = process.memoryUsage();
    process.stdout.write(`${JSON.stringify({ held: heapUsed + external })}\n`);
  });
}
