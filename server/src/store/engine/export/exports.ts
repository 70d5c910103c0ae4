import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { FairTurns } from "../../../scheduling/fair-turns.ts";
import type { LibraryExport } from "../../library-export.ts";
import { ThreadClient } from "../threads/thread-client.ts";
import { type ExportOperations, exportThread, type ExportThreadSettings } from "./export-messages.ts";

/** Maximum number of open exports; each has a thread and a connection of its own. */
const maxExports = 8;
/** Maximum number of pages read concurrently: eight busy threads would leave a machine of two cores little for searches. */
const pagesAtOnce = 1;
/**
 * Milliseconds for which an export may stay open: until it ends, the write-ahead log cannot be reset, as the export reads
 * an old snapshot.
 */
const defaultLifetime = 60 * 60_000;

type ExportThread = ThreadClient<ExportOperations>;

/** The open exports, in the main thread. */
export class Exports {
  readonly #directory: string;
  readonly #lifetime: number;
  readonly #open = new Set<ExportThread>();
  /** Exports take turns, one page each. */
  readonly #turns = new FairTurns(pagesAtOnce);

  constructor(directory: string, lifetime: number = defaultLifetime) {
    this.#directory = directory;
    this.#lifetime = lifetime;
  }

  /** @throws ArrwError `library_not_found`, `overloaded` */
  async open(libraryId: string): Promise<LibraryExport> {
    if (this.#open.size >= maxExports) {
      const message = `The server has reached its maximum of ${maxExports} open exports; retry later`;
      throw new ArrwError("overloaded", message, { retryAfter: 5 });
    }
    const thread = this.#start(libraryId);
    const timer = setTimeout(() => this.#end(thread, tooSlow(this.#lifetime)), this.#lifetime).unref();
    const end = (reason: ArrwError = endedError()) => {
      clearTimeout(timer);
      this.#end(thread, reason);
    };
    try {
      await thread.opened;
      const library = await thread.call("library", undefined);
      const next = () => this.#turns.run(thread, () => thread.call("next", undefined));
      return { library, next, end: () => end() };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Ends all of them; resolves when their resources are released. */
  async close(reason: ArrwError): Promise<void> {
    const threads = [...this.#open];
    for (const thread of threads) this.#end(thread, reason);
    await Promise.all(threads.map(({ exited }) => exited));
  }

  #start(libraryId: string): ExportThread {
    const settings: ExportThreadSettings = { directory: this.#directory, libraryId };
    const thread: ExportThread = new ThreadClient({
      thread: exportThread.start(settings),
      onMessage: () => undefined,
      onEnd: (cause) => {
        this.#open.delete(thread);
        const message = "The export thread ended unexpectedly; retry the export";
        thread.fail(new ArrwError("storage_failed", message, { cause }));
      },
    });
    this.#open.add(thread);
    return thread;
  }

  #end(thread: ExportThread, reason: ArrwError): void {
    thread.fail(reason);
    void thread.terminate();
  }
}

const endedError = () => new ArrwError("storage_failed", "The export was cancelled");
const tooSlow = (lifetime: number) =>
  new ArrwError("slow_reader", `The export exceeded its maximum of ${lifetime / 1000} seconds; read it faster`);
