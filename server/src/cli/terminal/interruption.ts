import { onStopSignals } from "../../stop-signals.ts";
import { Interrupted } from "./exit-codes.ts";

/** Makes a signal that the first Ctrl-C aborts, so that a command ends in order; the second one ends the process. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  onStopSignals(
    ["SIGINT", "SIGTERM"],
    () => controller.abort(new Interrupted("Interrupted")),
    () => process.exit(130),
  );
  return controller.signal;
}
