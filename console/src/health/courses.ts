import { Rate } from "../state/rate.ts";

/** Values that a chart shows. */
const moments = 60;

/** What charts show: numbers and rates by their names, the newest value last. Each is bounded. */
export class Courses {
  readonly #values = new Map<string, number[]>();
  readonly #rates = new Map<string, Rate>();

  /** An undefined value leaves the series unchanged. */
  add(name: string, value: number | undefined): void {
    if (value === undefined) return;
    const values = this.#values.get(name) ?? [];
    this.#values.set(name, values);
    values.push(value);
    if (values.length > moments) values.shift();
  }

  /** A counter, shown as a rate. */
  rate(name: string, value: number, time: number): void {
    const rate = this.#rates.get(name) ?? new Rate();
    this.#rates.set(name, rate);
    rate.add(value, time);
  }

  of(name: string): readonly number[] {
    return this.#rates.get(name)?.history ?? [...(this.#values.get(name) ?? [])];
  }
}
