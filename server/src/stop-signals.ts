/**
 * Milliseconds within which a repeated signal counts as the same one. Ctrl-C reaches every process of a terminal, and
 * `npm` forwards it to its child, which may therefore receive it twice.
 */
const echo = 1_000;

/** The source of signals: the process, or a substitute in tests. */
interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

interface StopSignalOptions {
  readonly source?: SignalSource;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

/** Calls `first` on the first stop signal, and `again` on the second. */
export function onStopSignals(
  signals: readonly NodeJS.Signals[],
  first: () => void,
  again: () => void,
  { source = process, now = () => performance.now() }: StopSignalOptions = {},
): void {
  let since: number | undefined;
  for (const signal of signals) {
    source.on(signal, () => {
      if (since === undefined) {
        since = now();
        first();
      } else if (now() - since >= echo) again();
    });
  }
}
