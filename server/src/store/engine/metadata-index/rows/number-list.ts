/** A growing list of 32-bit numbers. */
export class NumberList {
  #numbers: Uint32Array;
  #length: number;

  constructor(numbers: ArrayLike<number> = []) {
    this.#numbers = Uint32Array.from(numbers);
    this.#length = numbers.length;
  }

  static filled(length: number, value: number): NumberList {
    return new NumberList(new Uint32Array(length).fill(value));
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#numbers.byteLength;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const grown = new Uint32Array(Math.max(64, Math.ceil(this.#length * 1.25)));
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.#length++] = number;
  }

  /** 0 beyond the end. */
  at(index: number): number {
    return this.#numbers[index] ?? 0;
  }

  set(index: number, number: number): void {
    this.#numbers[index] = number;
  }

  /** All of them, valid until the list changes. */
  all(): Uint32Array {
    return this.#numbers.subarray(0, this.#length);
  }

  /**
   * Of ascending numbers without repetition, the index of the first that is not less than this one.
   *
   * @param end how many of the first are ascending
   */
  position(number: number, end = this.#length): number {
    const last = end - 1;
    // As they are unique, their difference is the greatest possible distance.
    let low = Math.max(0, last - Math.max(0, this.at(last) - number));
    let high = Math.min(end, Math.max(0, number - this.at(0)));
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
