import { untracked } from "@preact/signals";

/** Longest pause after failures, in milliseconds. */
const longestPause = 15_000;

/**
 * Runs something repeatedly, with a delay after each run, and less often while it fails. A hidden page requests
 * nothing.
 *
 * @returns a function that stops it
 */
export function repeat(milliseconds: number, run: (signal: AbortSignal) => Promise<void>): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let running = false;

  const turn = async () => {
    if (running || signal.aborted) return;
    clearTimeout(timer);
    running = true;
    try {
      if (!document.hidden) await run(signal);
      failures = 0;
    } catch {
      // `run` has reported the error already.
      failures += 1;
    }
    running = false;
    if (!signal.aborted) timer = setTimeout(next, Math.min(longestPause, milliseconds * (failures + 1)));
  };
  // Signals read by `run` must not be dependencies of a surrounding effect.
  const next = () => void untracked(turn);
  const shown = () => {
    if (!document.hidden) next();
  };
  document.addEventListener("visibilitychange", shown, { signal });
  next();
  return () => {
    clearTimeout(timer);
    controller.abort();
  };
}
