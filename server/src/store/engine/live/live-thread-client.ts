import type { MessagePort } from "node:worker_threads";
import type { TypedWorker } from "../../../util/typed-thread.ts";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { LiveQueryHandle, LiveQueryListener, StoreHits, VectorSearch } from "../../search-store.ts";
import { type HitContent, toHitContent } from "../rows/chunks-table.ts";
import { fromErrorData } from "../threads/error-data.ts";
import type { Hold } from "../../../scheduling/hold-meter.ts";
import { Slice } from "../../../scheduling/slice.ts";
import { Utilization } from "../../../scheduling/utilization.ts";
import { type FromMain, liveThread, type ToMain, type Update, type Updates } from "./live-messages.ts";

/** Milliseconds for which listeners are called before the main thread yields to other work. */
const tellTime = 1;

export interface LiveThreadClientOptions {
  /** Port to the search thread, for the live thread. */
  readonly port: MessagePort;
  /** File that the live thread runs. */
  readonly worker?: URL | undefined;
  /** Maximum number of live queries. */
  readonly limit?: number | undefined;
  /** Called when the live thread has ended; unless it fails, that is only after the search thread. */
  readonly onEnd: (cause: unknown) => void;
}

interface Watcher {
  readonly libraryId: string;
  readonly listener: LiveQueryListener;
  /** Whether the listener is no longer called, as the library was deleted. */
  orphaned: boolean;
  /** Resolves the call of `watch`. */
  beginning: PendingStart | undefined;
}

type PendingStart = Pick<PromiseWithResolvers<LiveQueryHandle>, "resolve" | "reject">;

/** The live queries in the main thread: their listeners, and the chunks that they show. */
export class LiveThreadClient {
  readonly #options: LiveThreadClientOptions;
  readonly #limit: number;
  readonly #watchers = new Map<number, Watcher>();
  /** Contents of the chunks that queries show, as announced by the live thread. */
  readonly #chunks = new Map<number, HitContent>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #asked: PromiseWithResolvers<readonly Hold[]>[] = [];
  #worker: TypedWorker<ToMain, FromMain> | undefined;
  #utilization: Utilization | undefined;
  #nextId = 1;

  constructor(options: LiveThreadClientOptions) {
    this.#options = options;
    this.#limit = options.limit ?? limits.liveQueries;
  }

  watch(libraryId: string, search: VectorSearch, listener: LiveQueryListener): Promise<LiveQueryHandle> {
    if (this.#watchers.size >= this.#limit) {
      const message = `The server has reached its maximum of ${this.#limit} live queries; retry later`;
      return Promise.reject(new ArrwError("overloaded", message, { retryAfter: 30 }));
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#post({ type: "watch", id, libraryId, search });
      this.#watchers.set(id, { libraryId, listener, orphaned: false, beginning: { resolve, reject } });
    });
  }

  /** How long each kind of work blocked the live thread; empty if there is no live thread. */
  holds(): Promise<readonly Hold[]> {
    if (this.#worker === undefined) return Promise.resolve([]);
    const asked = Promise.withResolvers<readonly Hold[]>();
    this.#asked.push(asked);
    this.#post({ type: "statistics" });
    return asked.promise;
  }

  /** Utilization of the thread since the last call, from 0 to 1. */
  get utilization(): number {
    return this.#utilization?.look() ?? 0;
  }

  /** The library is deleted: its listeners are no longer called, even with updates already received. */
  forget(libraryId: string): void {
    for (const [id, watcher] of this.#watchers) {
      if (watcher.libraryId !== libraryId) continue;
      watcher.orphaned = true;
      if (watcher.beginning === undefined) this.#watchers.delete(id);
    }
  }

  /** No further updates will arrive. */
  fail(error: ArrwError): void {
    for (const { beginning } of this.#watchers.values()) beginning?.reject(error);
    for (const asked of this.#asked.splice(0)) asked.reject(error);
    this.#watchers.clear();
    this.#chunks.clear();
  }

  /** Resolves when the live thread has ended, which it does after the search thread. */
  async ended(): Promise<void> {
    if (this.#worker !== undefined) await this.#ended.promise;
  }

  #post(message: FromMain): void {
    this.#worker ??= this.#start();
    this.#worker.send(message);
  }

  /** The thread is started on first use, as it takes memory. */
  #start(): TypedWorker<ToMain, FromMain> {
    const { port, onEnd, worker: file } = this.#options;
    const thread = startThread(file, port);
    const { worker } = thread;
    let failure: unknown;
    this.#utilization = new Utilization(worker);
    thread.onMessage((message) => {
      if (message.type === "statistics") this.#asked.shift()?.resolve(message.holds);
      else this.#receive(message);
    });
    worker.on("error", (error) => (failure = error));
    worker.on("exit", () => {
      this.#ended.resolve();
      onEnd(failure);
    });
    return thread;
  }

  #receive({ fresh, updates, forgotten }: Updates): void {
    for (const chunk of fresh) this.#chunks.set(chunk.key, toHitContent(chunk));
    this.#tellAll(updates, 0, () => {
      for (const key of forgotten) this.#chunks.delete(key);
      this.#post({ type: "updates-received" });
    });
  }

  /** Calls listeners for some milliseconds, and continues after other work had its turn. */
  #tellAll(updates: Updates["updates"], from: number, done: () => void): void {
    const slice = new Slice(tellTime);
    let place = from;
    for (; place < updates.length && !slice.over; place++) {
      const update = updates[place];
      if (update === undefined) continue;
      const { id, outcome } = update;
      if ("error" in outcome) this.#refuse(id, fromErrorData(outcome.error));
      else this.#notify(id, outcome.value);
    }
    if (place < updates.length) setImmediate(() => this.#tellAll(updates, place, done));
    else done();
  }

  #notify(id: number, update: Update): void {
    const watcher = this.#watchers.get(id);
    if (watcher === undefined) return;
    const hits = this.#toHits(update);
    const { beginning } = watcher;
    if (beginning === undefined) return watcher.listener({ value: hits });
    watcher.beginning = undefined;
    if (watcher.orphaned) this.#watchers.delete(id);
    beginning.resolve({ first: hits, end: () => this.#end(id) });
  }

  #refuse(id: number, error: ArrwError): void {
    const watcher = this.#watchers.get(id);
    this.#watchers.delete(id);
    if (watcher?.beginning === undefined) watcher?.listener({ error });
    else watcher.beginning.reject(error);
  }

  #end(id: number): void {
    if (this.#watchers.delete(id)) this.#post({ type: "end", id });
  }

  #toHits({ seq, exact, keys, distances }: Update): StoreHits {
    const hits = keys.map((key, place) => {
      const content = this.#chunks.get(key);
      if (content === undefined) throw new Error(`Chunk ${key} is shown but was not told of`);
      return { ...content, rank: place + 1, distance: distances[place] ?? NaN };
    });
    return { hits, exact, seq };
  }
}

function startThread(file: URL | undefined, port: MessagePort): TypedWorker<ToMain, FromMain> {
  try {
    return liveThread.start(port, { file, transfer: [port] });
  } catch (cause) {
    // The other end is closed, but the main thread has not been notified yet.
    throw new ArrwError("storage_failed", "The store thread has ended", { cause });
  }
}
