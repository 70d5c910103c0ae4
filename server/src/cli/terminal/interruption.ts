import { onStopSignals } from "../../stop-signals.ts";
import { Interrupted } from "./exit-codes.ts";

/** A signal that the first Ctrl-C aborts, so that a command ends cleanly; the second one ends the process. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  onStopSignals(
    ["SIGINT", "SIGTERM"],
    () => controller.abort(new Interrupted("Interrupted")),
    () => process.exit(130),
  );
  return controller.signal;
}
