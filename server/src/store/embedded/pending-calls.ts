/** How the outcome of a call reaches whoever made it. */
export interface PendingCall {
  // Method syntax, so that a call keeps the type of its own answer; the operation's name ties the two together.
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Calls that have no answer yet, by numbers that are used again. Not a Map: each time that one makes room, its old table
 * goes on holding what was in it, and where entries come and go thousands of times a second, one old table keeps the next
 * until a full garbage collection, with all that waited meanwhile.
 */
export class PendingCalls {
  readonly #calls: (PendingCall | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#calls.length - this.#free.length;
  }

  /** Returns its number. */
  add(call: PendingCall): number {
    const number = this.#free.pop() ?? this.#calls.length;
    this.#calls[number] = call;
    return number;
  }

  /** The call with this number, which no longer waits. */
  take(number: number): PendingCall | undefined {
    const call = this.#calls[number];
    if (call === undefined) return undefined;
    this.#calls[number] = undefined;
    this.#free.push(number);
    return call;
  }

  takeAll(): readonly PendingCall[] {
    return [...this.#calls.keys()].map((number) => this.take(number)).filter((call) => call !== undefined);
  }
}
