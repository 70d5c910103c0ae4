import type { ServerResponse } from "node:http";

/** Bytes of answers that may wait in memory for clients to read them. */
const mostBytes = 512 * 1024 * 1024;
/** Milliseconds without anything read, after which an answer gives way where there are more. */
const patience = 2_000;

interface UnreadAnswer {
  pending: number;
  /** When its client last read something, or had read everything. */
  readAt: number;
}

/** Bounds what waits in memory for those who do not read: where it is too much, who has read nothing for longest goes. */
export class UnreadAnswers {
  readonly #answers = new Map<ServerResponse, UnreadAnswer>();
  readonly #interval: number;
  readonly #most: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param interval milliseconds between looks */
  constructor(interval: number, most: number = mostBytes) {
    this.#interval = interval;
    this.#most = most;
  }

  /** Watches an answer until it has left. */
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
      .filter(([, { pending, readAt }]) => pending > 0 && now - readAt >= patience)
      .toSorted(([, a], [, b]) => a.readAt - b.readAt);
    for (const [response, { pending }] of stalled) {
      if (total <= this.#most) return;
      total -= pending;
      response.destroy();
    }
  }
}
