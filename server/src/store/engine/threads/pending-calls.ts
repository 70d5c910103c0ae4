/** How the outcome of a call reaches its caller. */
export interface PendingCall {
  // Method syntax, so that a call keeps the type of its own answer; the operation's name ties the two together.
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Slot {
  /** Changes with each use, so that a duplicate answer cannot settle another call. */
  number: number;
  call: PendingCall | undefined;
}

/** More slots than calls can ever wait: each has its arguments in memory. */
const slots = 2 ** 24;

/**
 * Calls without an answer yet, by unique number, in reused slots. Not a Map: when that is rehashed, the old table retains
 * its entries, and if entries come and go thousands of times a second, old tables keep each other alive until a full
 * garbage collection, with everything that waited meanwhile.
 */
export class PendingCalls {
  readonly #slots: Slot[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.length - this.#free.length;
  }

  /** Returns its number. */
  add(call: PendingCall): number {
    const place = this.#free.pop() ?? this.#slots.length;
    const slot = this.#slots[place];
    if (slot === undefined) {
      this.#slots.push({ number: place, call });
      return place;
    }
    slot.call = call;
    return slot.number;
  }

  /** Removes and returns the call with this number. */
  take(number: number): PendingCall | undefined {
    const place = number % slots;
    const slot = this.#slots[place];
    if (slot?.call === undefined || slot.number !== number) return undefined;
    const { call } = slot;
    slot.call = undefined;
    slot.number += slots;
    this.#free.push(place);
    return call;
  }

  takeAll(): readonly PendingCall[] {
    return this.#slots.map(({ number }) => this.take(number)).filter((call) => call !== undefined);
  }
}
