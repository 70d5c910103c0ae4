/** The same values, until the signal aborts: then it throws the signal's reason, even while a value is awaited. */
export async function* abortable<Value>(source: AsyncIterable<Value>, signal: AbortSignal): AsyncGenerator<Value> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const result = await unlessAborted(iterator.next(), signal);
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    // Nobody waits for it: where a value is awaited, it ends when that has come.
    void iterator.return?.()?.catch(() => undefined);
  }
}

/** Calls back with the reason when the signal aborts, or at once where it has. */
export function whenAborted(signal: AbortSignal, run: (reason: unknown) => void): void {
  if (signal.aborted) run(signal.reason);
  else signal.addEventListener("abort", () => run(signal.reason), { once: true });
}

/** The promise's outcome, or a rejection with the signal's reason, whichever comes first. */
export function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
