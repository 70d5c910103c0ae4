import { anyWrite, type Cause } from "../core/subscriber.ts";

interface HeldEvent {
  readonly json: string;
  /** The writes whose responses must be sent before this event. */
  readonly after: ReadonlySet<object>;
}

/**
 * Sends the response to a write before its events, on the connection that wrote. The store publishes a commit before it
 * resolves the write, and other connections receive the event at once.
 */
export class OwnWrites {
  readonly #send: (json: string) => void;
  /** Writes without a response yet, by document id. */
  readonly #unanswered = new Map<object, string>();
  readonly #held: HeldEvent[] = [];
  #characters = 0;

  /** @param send passes a message on once it may be sent */
  constructor(send: (json: string) => void) {
    this.#send = send;
  }

  /** Characters of messages that wait here. */
  get waiting(): number {
    return this.#characters;
  }

  /** Runs a write, which is answered before this resolves. Messages that it causes wait until then. */
  async during<Value>(documentId: string, write: () => Promise<Value>, answer: (value: Value) => void): Promise<void> {
    const name = {};
    this.#unanswered.set(name, documentId);
    try {
      answer(await write());
    } finally {
      this.#unanswered.delete(name);
      this.#release();
    }
  }

  /**
   * Sends the message, after the previous ones and after the responses to the writes that may have caused it.
   *
   * @param cause the id of a document, for an event about it; `anyWrite` for what any write may cause; undefined for others
   */
  tell(json: string, cause: Cause | undefined): void {
    const after = this.#writesOf(cause);
    if (after.size === 0 && this.#held.length === 0) return this.#send(json);
    this.#held.push({ json, after });
    this.#characters += json.length;
  }

  /** Tells everything, whatever it waits for. */
  flush(): void {
    for (const { json } of this.#held.splice(0)) this.#send(json);
    this.#characters = 0;
  }

  #writesOf(cause: Cause | undefined): ReadonlySet<object> {
    if (cause === undefined || this.#unanswered.size === 0) return new Set();
    const writes = [...this.#unanswered].filter(([, documentId]) => cause === anyWrite || cause === documentId);
    return new Set(writes.map(([name]) => name));
  }

  #release(): void {
    const unanswered = this.#unanswered;
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (first.after.keys().some((name) => unanswered.has(name))) return;
      this.#held.shift();
      this.#characters -= first.json.length;
      this.#send(first.json);
    }
  }
}
