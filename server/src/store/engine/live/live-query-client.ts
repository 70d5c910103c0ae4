import type { MessagePort } from "node:worker_threads";
import type { TypedWorker } from "../../../util/typed-thread.ts";
import { ArrwError } from "@arrwdb/protocol/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { LiveQueryHandle, LiveQueryListener, StoreHits, VectorSearch } from "../../search-store.ts";
import { type HitContent, toHitContent } from "../rows/chunks-table.ts";
import { fromErrorData } from "../threads/error-data.ts";
import type { Hold } from "../../../scheduling/hold-meter.ts";
import { Slice } from "../../../scheduling/slice.ts";
import { Utilization } from "../../../scheduling/utilization.ts";
import { type FromMain, liveThread, type ToMain, type Update, type Updates } from "./live-messages.ts";

/** Milliseconds for which listeners are told before the main thread does something else. */
const tellTime = 1;

export interface LiveQueryClientOptions {
  /** The way to the store's thread, for the live thread. */
  readonly port: MessagePort;
  /** The file that the live thread runs. */
  readonly worker?: URL | undefined;
  /** How many may stand. */
  readonly limit?: number | undefined;
  /** Called when the live thread has ended; by itself it does so only after the store's thread. */
  readonly onEnd: (cause: unknown) => void;
}

interface Watcher {
  readonly libraryId: string;
  readonly listener: LiveQueryListener;
  /** Whether nothing more is told, as the library is gone. */
  orphaned: boolean;
  /** Waits for the first answer. */
  beginning: PendingStart | undefined;
}

type PendingStart = Pick<PromiseWithResolvers<LiveQueryHandle>, "resolve" | "reject">;

/** The standing searches, as the main thread has them: who listens, and the chunks that are shown. */
export class LiveQueryClient {
  readonly #options: LiveQueryClientOptions;
  readonly #limit: number;
  readonly #watchers = new Map<number, Watcher>();
  /** What the chunks hold that the searches show; the live thread tells which these are. */
  readonly #chunks = new Map<number, HitContent>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #asked: PromiseWithResolvers<readonly Hold[]>[] = [];
  #worker: TypedWorker<ToMain, FromMain> | undefined;
  #utilization: Utilization | undefined;
  #nextId = 1;

  constructor(options: LiveQueryClientOptions) {
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

  /** How each kind of work held the live thread; nothing where there is none. */
  holds(): Promise<readonly Hold[]> {
    if (this.#worker === undefined) return Promise.resolve([]);
    const asked = Promise.withResolvers<readonly Hold[]>();
    this.#asked.push(asked);
    this.#post({ type: "statistics" });
    return asked.promise;
  }

  /** The part of the time since the last look in which the thread worked. */
  get utilization(): number {
    return this.#utilization?.look() ?? 0;
  }

  /** The library is deleted: nothing more is told of it, whatever is under way. */
  forget(libraryId: string): void {
    for (const [id, watcher] of this.#watchers) {
      if (watcher.libraryId !== libraryId) continue;
      watcher.orphaned = true;
      if (watcher.beginning === undefined) this.#watchers.delete(id);
    }
  }

  /** Nothing more will come. */
  fail(error: ArrwError): void {
    for (const { beginning } of this.#watchers.values()) beginning?.reject(error);
    for (const asked of this.#asked.splice(0)) asked.reject(error);
    this.#watchers.clear();
    this.#chunks.clear();
  }

  /** Resolves when the live thread has ended, which it does after the store's thread. */
  async ended(): Promise<void> {
    if (this.#worker !== undefined) await this.#ended.promise;
  }

  #post(message: FromMain): void {
    this.#worker ??= this.#start();
    this.#worker.send(message);
  }

  /** The thread is started when somebody watches, as it takes memory. */
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
      this.#post({ type: "told" });
    });
  }

  /** Tells for some milliseconds, and goes on when others have had their turn. */
  #tellAll(updates: Updates["updates"], from: number, done: () => void): void {
    const slice = new Slice(tellTime);
    let place = from;
    for (; place < updates.length && !slice.over; place++) {
      const update = updates[place];
      if (update === undefined) continue;
      const { id, outcome } = update;
      if ("error" in outcome) this.#refuse(id, fromErrorData(outcome.error));
      else this.#tell(id, outcome.value);
    }
    if (place < updates.length) setImmediate(() => this.#tellAll(updates, place, done));
    else done();
  }

  #tell(id: number, update: Update): void {
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
    // The other end is closed, of which the main thread has not been told yet.
    throw new ArrwError("storage_failed", "The store thread has ended", { cause });
  }
}
