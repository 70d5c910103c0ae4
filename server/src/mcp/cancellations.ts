/** Ends a call that is no longer wanted. */
const cancelled = new DOMException("The client cancelled the call", "AbortError");

/**
 * Calls in progress, by the ids that their clients assigned. Up to protocol version 2025-11-25, a call is cancelled by
 * a message in a separate request.
 */
export class Cancellations {
  readonly #calls = new Map<string, Set<AbortController>>();

  /** Calls that can be cancelled now. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * @param client the caller, as far as it is known
   * @returns a signal that aborts when the call is cancelled, and a function that forgets the call
   */
  begin(client: string, id: unknown): { readonly signal: AbortSignal; readonly end: () => void } {
    const name = nameOf(client, id);
    const controller = new AbortController();
    const same = this.#calls.get(name) ?? new Set();
    this.#calls.set(name, same.add(controller));
    const end = () => {
      same.delete(controller);
      if (same.size === 0) this.#calls.delete(name);
    };
    return { signal: controller.signal, end };
  }

  /** Indistinguishable clients may use the same id: if two calls match, neither is cancelled. */
  cancel(client: string, id: unknown): void {
    const [call, ...others] = this.#calls.get(nameOf(client, id)) ?? [];
    if (others.length === 0) call?.abort(cancelled);
  }
}

const nameOf = (client: string, id: unknown) => JSON.stringify([client, id]);
