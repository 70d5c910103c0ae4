import type { AnsweredRequest, Outcome, ThreadReply } from "./thread-messages.ts";

/** Answers of one round of a thread, sent to the main thread together: a message costs more than its contents. */
export class OutgoingAnswers {
  readonly #send: (reply: ThreadReply) => void;
  #answers: AnsweredRequest[] = [];

  constructor(send: (reply: ThreadReply) => void) {
    this.#send = send;
  }

  add(id: number, outcome: Outcome<unknown>): void {
    this.#answers.push({ id, outcome });
  }

  flush(): void {
    if (this.#answers.length === 0) return;
    const answers = this.#answers;
    this.#answers = [];
    this.#send({ type: "answers", answers });
  }
}
