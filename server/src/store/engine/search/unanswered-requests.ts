/** Requests that have no answer yet, and which of them nobody waits for any more. */
export class Unanswered {
  /** By id, whether somebody waits. */
  readonly #requests = new Map<number, boolean>();

  add(id: number): void {
    this.#requests.set(id, true);
  }

  /** Nobody waits for it any more; one that is answered already is not remembered. */
  abandon(id: number): void {
    if (this.#requests.has(id)) this.#requests.set(id, false);
  }

  isWanted(id: number): boolean {
    return this.#requests.get(id) === true;
  }

  /** It has its answer; tells whether somebody waits for it. */
  end(id: number): boolean {
    const isWanted = this.isWanted(id);
    this.#requests.delete(id);
    return isWanted;
  }
}
