import type { MaintenanceOptions } from "../../data-maintenance.ts";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { fromErrorData } from "../../engine/threads/error-data.ts";
import { type MaintenanceTask, maintenanceThread, type TaskResult } from "./maintenance-messages.ts";

/** Runs a task on a thread of its own. @throws ArrwError, or the signal's reason */
export async function runTask(task: MaintenanceTask, { signal, onProgress }: MaintenanceOptions): Promise<TaskResult> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<TaskResult>();
  const thread = maintenanceThread.start(task);
  const { worker } = thread;
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  thread.onMessage((message) => {
    if (message.type === "progress") onProgress?.(message.step, message.done, message.total);
    else if (message.type === "done") resolve(message.result);
    else reject(fromErrorData(message.error));
  });
  worker.once("error", reject);
  worker.once("exit", () =>
    reject(new ArrwError("storage_failed", "The worker thread ended before its task was complete")),
  );
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
    await worker.terminate();
  }
}
