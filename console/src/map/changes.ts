import { ArrwClientError, type EventFeed, type LibraryHandle } from "arrwdb-client";
import { pause } from "../state/pause.ts";

/** Maximum of documents fetched concurrently; enough to keep up with a stream of changes. */
const atATime = 6;
/** Milliseconds before a document that could not be fetched is requested again. */
const retryDelay = 1_000;

type Document = Awaited<ReturnType<LibraryHandle["get"]>>;

interface Receiver {
  readonly removed: (documentId: string) => void;
  readonly came: (document: Document) => void;
}

/** The changes of a library's documents, with the current state of each document when it is delivered. */
export class Changes {
  readonly #handle: LibraryHandle;
  readonly #signal: AbortSignal;
  readonly #receiver: Receiver;
  readonly #failed = Promise.withResolvers<never>();
  /** Resolves when all earlier changes were delivered. */
  #delivered: Promise<void> = Promise.resolve();
  #underway = 0;

  constructor(handle: LibraryHandle, signal: AbortSignal, receiver: Receiver) {
    this.#handle = handle;
    this.#signal = signal;
    this.#receiver = receiver;
  }

  /** Delivers changes until aborted, in the order of the feed, which waits while enough documents are being fetched. */
  async follow(feed: EventFeed): Promise<void> {
    await Promise.race([this.#read(feed), this.#failed.promise]);
  }

  async #read(feed: EventFeed): Promise<void> {
    for await (const event of feed) {
      if (!("document_id" in event.data)) continue;
      const { document_id: id } = event.data;
      if (this.#underway >= atATime) await this.#delivered;
      this.#underway += 1;
      const document =
        event.type === "document.deleted" || event.type === "document.expired"
          ? Promise.resolve(undefined)
          : this.#fetch(id);
      this.#delivered = Promise.all([document, this.#delivered]).then(
        ([found]) => this.#deliver(id, found),
        (error: unknown) => this.#failed.reject(error),
      );
    }
  }

  #deliver(id: string, document: Document | undefined): void {
    this.#underway -= 1;
    if (this.#signal.aborted) return;
    this.#receiver.removed(id);
    if (document !== undefined) this.#receiver.came(document);
  }

  /** The current document, with its vectors; undefined if it was deleted. */
  async #fetch(id: string): Promise<Document | undefined> {
    for (;;) {
      try {
        return await this.#handle.get(id, { vectors: true, signal: this.#signal });
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof ArrwClientError)) throw error;
        if (error.code === "document_not_found") return undefined;
        if (!error.retryable) throw error;
      }
      await pause(retryDelay, this.#signal);
    }
  }
}
