/** Requests without an answer yet, and which of them were cancelled. */
export class Unanswered {
  /** By id, whether the answer is still wanted. */
  readonly #requests = new Map<number, boolean>();

  add(id: number): void {
    this.#requests.set(id, true);
  }

  /** Cancels a request; no effect if it was already answered. */
  abandon(id: number): void {
    if (this.#requests.has(id)) this.#requests.set(id, false);
  }

  isWanted(id: number): boolean {
    return this.#requests.get(id) === true;
  }

  /** Marks it as answered; returns whether the answer is still wanted. */
  end(id: number): boolean {
    const isWanted = this.isWanted(id);
    this.#requests.delete(id);
    return isWanted;
  }
}
