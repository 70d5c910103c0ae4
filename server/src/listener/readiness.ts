import { ArrwError } from "@arrwdb/protocol/errors/errors";

type Phase = "starting" | "recovering" | "ready" | "draining" | "failed";

/** `Retry-After` in seconds while the server starts. */
const startRetryAfter = 2;

/** The server's phase between start and stop: whether it serves requests, and whether it should be sent any. */
export class Readiness {
  #phase: Phase = "starting";
  #reason = "starting";

  /** @param step the current step, to follow "The server is" */
  starting(step: string): void {
    if (this.#phase === "starting") this.#reason = step;
  }

  /** Requests are served, though not as fast as they will be. */
  recovering(step: string): void {
    this.#advance("starting", "recovering");
    this.#reason = step;
  }

  ready(): void {
    this.#advance("recovering", "ready");
  }

  draining(): void {
    if (this.#phase !== "failed") this.#phase = "draining";
  }

  /** A fatal failure; later phases are ignored. */
  failed(): void {
    this.#phase = "failed";
  }

  get isReady(): boolean {
    return this.#phase === "ready";
  }

  /** Why the server is not ready; undefined if it is. */
  get refusal(): ArrwError | undefined {
    switch (this.#phase) {
      case "ready":
        return undefined;
      case "starting":
      case "recovering":
        return new ArrwError("starting", `The server is ${this.#reason}`, { retryAfter: startRetryAfter });
      case "draining":
        return new ArrwError("shutting_down", "The server is shutting down");
      case "failed":
        return new ArrwError("storage_failed", "The store has failed; the server is exiting");
    }
  }

  #advance(from: Phase, to: Phase): void {
    if (this.#phase === from) this.#phase = to;
  }
}
