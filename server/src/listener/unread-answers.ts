import type { ServerResponse } from "node:http";

/** Bytes of unread responses in memory. */
const mostBytes = 512 * 1024 * 1024;
/** Milliseconds without a read, after which a response may be dropped if memory is short. */
const stallTime = 2_000;

interface UnreadAnswer {
  pending: number;
  /** When its client last made progress or had nothing left to read. */
  readAt: number;
}

/** Bounds the memory of unread responses: beyond it, the client that has read nothing for longest is disconnected. */
export class UnreadAnswers {
  readonly #answers = new Map<ServerResponse, UnreadAnswer>();
  readonly #interval: number;
  readonly #most: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param interval milliseconds between checks */
  constructor(interval: number, most: number = mostBytes) {
    this.#interval = interval;
    this.#most = most;
  }

  /** Tracks a response until it is sent. */
  add(response: ServerResponse): void {
    this.#answers.set(response, { pending: 0, readAt: performance.now() });
    this.#timer ??= setInterval(() => this.#look(), this.#interval).unref();
    response.once("close", () => {
      this.#answers.delete(response);
      if (this.#answers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  #look(): void {
    const now = performance.now();
    let total = 0;
    for (const [{ writableLength }, answer] of this.#answers) {
      if (writableLength === 0 || writableLength < answer.pending) answer.readAt = now;
      answer.pending = writableLength;
      total += writableLength;
    }
    if (total <= this.#most) return;
    const stalled = [...this.#answers]
      .filter(([, { pending, readAt }]) => pending > 0 && now - readAt >= stallTime)
      .toSorted(([, a], [, b]) => a.readAt - b.readAt);
    for (const [response, { pending }] of stalled) {
      if (total <= this.#most) return;
      total -= pending;
      response.destroy();
    }
  }
}
