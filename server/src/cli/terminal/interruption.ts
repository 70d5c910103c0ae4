import { Interrupted } from "./exit.ts";

/** Makes a signal that the first Ctrl-C aborts, so that a command ends in order; the second one ends the process. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(130));
      controller.abort(new Interrupted("Interrupted"));
    });
  }
  return controller.signal;
}
