import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { onStopSignals } from "./stop-signals.ts";

function watchSignals() {
  const source = new EventEmitter();
  const clock = { milliseconds: 0 };
  const calls: string[] = [];
  onStopSignals(
    ["SIGINT", "SIGTERM"],
    () => calls.push("first"),
    () => calls.push("again"),
    {
      source,
      now: () => clock.milliseconds,
    },
  );
  return { source, clock, calls };
}

it("takes a Ctrl-C that npm hands on for the same one", () => {
  const { source, clock, calls } = watchSignals();
  source.emit("SIGINT");
  clock.milliseconds = 20;
  source.emit("SIGINT");
  expect(calls).toEqual(["first"]);
});

it("tells of a second signal, of the same kind or another one", () => {
  const { source, clock, calls } = watchSignals();
  source.emit("SIGINT");
  clock.milliseconds = 1_500;
  source.emit("SIGINT");
  source.emit("SIGTERM");
  expect(calls).toEqual(["first", "again", "again"]);
});
