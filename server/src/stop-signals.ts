/**
 * Milliseconds in which a signal that comes again is still the same one. Ctrl-C reaches every process of a terminal, and `npm`
 * hands it on to the one that it started; where the shell makes room for that process, it has it twice.
 */
const echo = 1_000;

/** What signals come from: the process, or what a test puts in its place. */
interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

interface StopSignalOptions {
  readonly source?: SignalSource;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

/** Calls `first` when the process is told to stop, and `again` when it is told a second time. */
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
