import type { DocumentSummary } from "@arrwdb/protocol/documents/model";

/** Milliseconds after which expiry is retried if it failed. */
const retryAfter = 1_000;
/** The longest time-out of a timer. */
const longestTimeout = 2 ** 31 - 1;

export interface DocumentExpiryOptions {
  /** Deletes documents of a library that had expired at this instant; returns whether there are more. */
  readonly expire: (libraryId: string, until: number) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/**
 * Makes expired documents disappear at their instant. A timer deletes them; reads wait until those are deleted that had
 * expired when the read began, so that none sees one even if the timer is late. Only reads of single documents that have not
 * expired go on.
 */
export class DocumentExpiry {
  readonly #options: DocumentExpiryOptions;
  /** The next instant of each library, in milliseconds. */
  readonly #next = new Map<string, number>();
  readonly #running = new Map<string, Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #isClosed = false;

  constructor(options: DocumentExpiryOptions) {
    this.#options = options;
  }

  /** Documents of the library expire next at this instant, or never. */
  next(libraryId: string, at: number | null): void {
    if (at === null) this.#next.delete(libraryId);
    else {
      this.#next.set(libraryId, at);
      this.#wakeAt(at);
    }
  }

  /** Runs a read that sees no document of the library which has expired by now. */
  async read<Value>(libraryId: string, read: () => Promise<Value>): Promise<Value> {
    const now = Date.now();
    while ((this.#next.get(libraryId) ?? Infinity) <= now) await this.#expire(libraryId, now);
    return read();
  }

  /**
   * The same for a read of single documents, which need not wait for others that have expired.
   *
   * @param shown the documents that a value shows
   */
  async readSome<Value>(
    libraryId: string,
    read: () => Promise<Value>,
    shown: (value: Value) => readonly Pick<DocumentSummary, "expires_at">[],
  ): Promise<Value> {
    const now = Date.now();
    const value = await read();
    const isCurrent = shown(value).every(({ expires_at }) => expires_at === null || Date.parse(expires_at) > now);
    return isCurrent ? value : this.read(libraryId, read);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Readers that wait for the same library share one deletion. */
  #expire(libraryId: string, until: number): Promise<unknown> {
    const running = this.#running.get(libraryId);
    if (running !== undefined) return running;
    const started = this.#options.expire(libraryId, until).finally(() => this.#running.delete(libraryId));
    this.#running.set(libraryId, started);
    return started;
  }

  #wakeAt(at: number): void {
    if (this.#isClosed || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const wait = Math.min(Math.max(0, at - Date.now()), longestTimeout);
    this.#timer = setTimeout(() => void this.#expireDue(), wait).unref();
  }

  async #expireDue(): Promise<void> {
    this.#timerAt = Infinity;
    const now = Date.now();
    try {
      for (const [libraryId, at] of this.#next) {
        // Another library's turn comes after each slice.
        if (at <= now) await this.#expire(libraryId, now);
        if (this.#isClosed) return;
      }
      this.#wakeAt(Math.min(...this.#next.values()));
    } catch (error) {
      if (this.#isClosed) return;
      this.#options.onError(error);
      this.#wakeAt(Date.now() + retryAfter);
    }
  }
}
