import type { DataState, DiskState } from "../../telemetry/data-state.ts";
import type { LiveStatistics } from "../engine/live/live-messages.ts";
import type { SearchStatistics } from "../engine/search/statistics/search-totals.ts";
import { diskUsage } from "./disk-usage.ts";
import type { StoreThreads } from "./store-threads.ts";
import type { WriterStatistics } from "./writing/writer-messages.ts";

/** Figures of the threads and the disk, for metrics and tests. */
export class EmbeddedStatistics {
  readonly #threads: StoreThreads;
  readonly #directory: string;

  constructor(threads: StoreThreads, directory: string) {
    this.#threads = threads;
    this.#directory = directory;
  }

  writing(): Promise<WriterStatistics> {
    return this.#threads.writer.call("statistics", undefined);
  }

  searching(): Promise<SearchStatistics> {
    return this.#threads.searcher.call("searchStatistics", undefined);
  }

  /** Empty while there is no live thread. */
  async live(): Promise<LiveStatistics> {
    const { refusal, live } = this.#threads;
    if (refusal !== undefined) throw refusal;
    return { holds: await live.holds() };
  }

  disk(): Promise<DiskState> {
    return diskUsage(this.#directory);
  }

  /** Whether vectors still wait for an index. */
  async isMigrating(): Promise<boolean> {
    return (await this.searching()).pending > 0;
  }

  /** All figures. Never rejects; figures not available in time are undefined. @param timeout milliseconds */
  async state(timeout: number): Promise<DataState> {
    const { writer, searcher, live: liveThread } = this.#threads;
    const [writing, searching, live, disk] = await Promise.all([
      inTime(this.writing(), timeout),
      inTime(this.searching(), timeout),
      inTime(this.live(), timeout),
      inTime(this.disk(), timeout),
    ]);
    return {
      queues: { writing: writer.waiting, search: searcher.waiting },
      threads: [
        { thread: "writing", utilization: writer.utilization },
        { thread: "search", utilization: searcher.utilization },
        { thread: "live", utilization: liveThread.utilization },
      ],
      writing,
      searching,
      live,
      disk,
    };
  }
}

/** The promise's value, or undefined if it fails or takes too long. */
async function inTime<Value>(promise: Promise<Value>, timeout: number): Promise<Value | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), timeout);
  try {
    return await Promise.race([promise, late.promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
