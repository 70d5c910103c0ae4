/** The same values until the signal aborts; then it throws the signal's reason, even while a value is awaited. */
export async function* abortable<Value>(source: AsyncIterable<Value>, signal: AbortSignal): AsyncGenerator<Value> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const result = await unlessAborted(iterator.next(), signal);
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    // Not awaited: if the source awaits a value, it only ends when that arrives.
    void iterator.return?.()?.catch(() => undefined);
  }
}

/**
 * Calls back with the reason when the signal aborts, or immediately if it already has.
 *
 * @returns a function that removes the listener. A composite signal is never collected while it has listeners, nor is
 *   anything they refer to.
 */
export function whenAborted(signal: AbortSignal, run: (reason: unknown) => void): () => void {
  const aborted = () => run(signal.reason);
  if (signal.aborted) aborted();
  else signal.addEventListener("abort", aborted, { once: true });
  return () => signal.removeEventListener("abort", aborted);
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
