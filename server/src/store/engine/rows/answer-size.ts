import { ArrwError } from "@arrwdb/protocol/errors";
import { limits } from "@arrwdb/protocol/limits";

/** Counts what the hits of one answer hold. */
export class AnswerSize {
  #characters = 0;
  #hits = 0;

  /** Whether one more hit fits. */
  add({ characters }: { readonly characters: number }): boolean {
    this.#characters += characters;
    if (this.#characters > limits.answerCharacters) return false;
    this.#hits++;
    return true;
  }

  /** Why there is no answer. */
  refusal(): ArrwError {
    const message = `k: the response would exceed ${limits.answerCharacters} characters; request at most ${this.#hits} hits`;
    return new ArrwError("answer_too_large", message, { field: "k" });
  }
}
