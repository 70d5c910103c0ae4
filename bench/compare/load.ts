export interface LoadOptions {
  /** Requests that are on their way at any time; each is followed by the next the moment it is answered. */
  readonly inFlight: number;
  readonly milliseconds: number;
  /** Ends it earlier. */
  readonly signal?: AbortSignal;
}

export interface LoadFigures {
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds of each request. */
  readonly latencies: readonly number[];
}

/**
 * The one load generator, the same for every engine: a closed loop. Requests begin until the time is over, and all that
 * began count.
 *
 * @param send one request; its number goes on through all loads that share the counter.
 */
export async function runLoad(
  send: (turn: number) => Promise<unknown>,
  { inFlight, milliseconds, signal }: LoadOptions,
  counter: { turn: number },
): Promise<LoadFigures> {
  const latencies: number[] = [];
  const begin = performance.now();
  const goOn = (now: number) => now - begin < milliseconds && signal?.aborted !== true;
  const client = async () => {
    let sent = performance.now();
    while (goOn(sent)) {
      await send(counter.turn++);
      const answered = performance.now();
      latencies.push(answered - sent);
      sent = answered;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  return { rate: latencies.length / ((performance.now() - begin) / 1000), latencies };
}

/** Runs a job for each item, so many at a time, in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  run: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const entries = items.entries();
  const client = async () => {
    for (const [index, item] of entries) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, client));
  return results;
}
