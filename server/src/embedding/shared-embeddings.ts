import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { EmbedResult } from "./embedder.ts";
import { SharedCall } from "./shared-call.ts";

/** Where the result of a text will be. */
interface Seat {
  readonly flight: SharedCall<readonly EmbedResult[]>;
  readonly index: number;
}

/** Deduplicates concurrent computations of the same text; each runs while at least one caller awaits it. */
export class SharedEmbeddings<Entry extends { readonly key: string }> {
  readonly #portion: number;
  readonly #seats = new Map<string, Seat>();

  /** @param portion how many texts are computed together. */
  constructor(portion: number) {
    this.#portion = portion;
  }

  /**
   * A result for each entry, in their order. Entries with the same key share a result, and its vector.
   *
   * @param compute called with the entries not yet being computed, in portions
   */
  async join(
    entries: readonly Entry[],
    signal: AbortSignal,
    compute: (entries: readonly Entry[], signal: AbortSignal) => Promise<readonly EmbedResult[]>,
  ): Promise<readonly EmbedResult[]> {
    const fresh = new Map(entries.filter(({ key }) => !this.#seats.has(key)).map((entry) => [entry.key, entry]));
    const rest = [...fresh.values()];
    while (rest.length > 0) this.#launch(rest.splice(0, this.#portion), compute);
    const seats = entries.map(({ key }) => this.#seats.get(key));
    const flights = [...new Set(seats.flatMap((seat) => seat?.flight ?? []))];
    const outcomes = new Map(
      await Promise.all(flights.map(async (flight) => [flight, await flight.join(signal)] as const)),
    );
    return seats.map((seat) => (seat && outcomes.get(seat.flight)?.[seat.index]) ?? miscounted("The model"));
  }

  #launch(
    entries: readonly Entry[],
    compute: (entries: readonly Entry[], signal: AbortSignal) => Promise<readonly EmbedResult[]>,
  ): void {
    const flight: Seat["flight"] = new SharedCall(
      async (signal) => {
        const results = await compute(entries, signal);
        return results.length === entries.length ? results : entries.map(() => miscounted("The model"));
      },
      () => {
        for (const { key } of entries) if (this.#seats.get(key)?.flight === flight) this.#seats.delete(key);
      },
    );
    for (const [index, { key }] of entries.entries()) this.#seats.set(key, { flight, index });
  }
}

/** The result of each text if the model returned another number of results than texts: they cannot be matched. */
export const miscounted = (model: string): EmbedResult => ({
  error: new ArrwError("embedder_failed", `${model} returned a different number of results than texts`),
});

/** Several requests may share a result, so each gets its own copy of the vector to change or transfer. */
export const ownCopy = (result: EmbedResult): EmbedResult =>
  "vector" in result ? { vector: result.vector.slice() } : result;
