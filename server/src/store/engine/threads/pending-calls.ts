/** How the outcome of a call reaches whoever made it. */
export interface PendingCall {
  // Method syntax, so that a call keeps the type of its own answer; the operation's name ties the two together.
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Slot {
  /** Changes with each use, so that an answer that comes twice settles nobody else's call. */
  number: number;
  call: PendingCall | undefined;
}

/** More slots than calls can ever wait: each has its arguments in memory. */
const slots = 2 ** 24;

/**
 * Calls that have no answer yet, by numbers that are used once, in slots that are used again. Not a Map: each time that
 * one makes room, its old table goes on holding what was in it, and where entries come and go thousands of times a second,
 * one old table keeps the next until a full garbage collection, with all that waited meanwhile.
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

  /** The call with this number, which no longer waits. */
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
