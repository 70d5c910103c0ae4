import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";

/** Adds up the size of one answer's hits. */
export class AnswerSize {
  #characters = 0;
  #hits = 0;

  /** Adds a hit; returns whether it fits. */
  add({ characters }: { readonly characters: number }): boolean {
    this.#characters += characters;
    if (this.#characters > limits.answerCharacters) return false;
    this.#hits++;
    return true;
  }

  /** The error if it does not fit. */
  refusal(): ArrwError {
    const message = `k: the response would exceed ${limits.answerCharacters} characters; request at most ${this.#hits} hits`;
    return new ArrwError("answer_too_large", message, { field: "k" });
  }
}
