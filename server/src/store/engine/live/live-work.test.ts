import { expect, it } from "vitest";
import { HoldMeter } from "../../../scheduling/hold-meter.ts";
import { Slice } from "../../../scheduling/slice.ts";
import { LiveWork } from "./live-work.ts";
import type { OfLibrary } from "./live-messages.ts";

/** Work of so many steps for each message, and the messages whose work has come to its end. */
function openWork(stepsOf: (libraryId: string) => number) {
  const ended: OfLibrary[] = [];
  const begin = (messages: OfLibrary[]) => {
    const message = messages.shift();
    const steps = function* () {
      for (let step = 1; step < stepsOf(message?.libraryId ?? ""); step++) yield;
      if (message !== undefined) ended.push(message);
    };
    return { kind: "test", steps: steps() };
  };
  const holds = new HoldMeter();
  return { work: new LiveWork(begin, holds), holds, ended };
}

const dropped = (libraryId: string): OfLibrary => ({ type: "dropped", libraryId });
/** The shortest turn there is: one step. */
const step = () => new Slice(0);

it("makes a library wait for one turn of each other one, however much waits of these, and of how many steps", () => {
  const { work, ended } = openWork((libraryId) => (libraryId === "modest" ? 3 : 1_000));
  for (const libraryId of ["greedy", "keen"]) for (let number = 0; number < 500; number++) work.add(dropped(libraryId));
  for (let turns = 0; turns < 100; turns++) work.goOn(step());
  work.add(dropped("modest"));
  let turns = 0;
  for (; ended.length === 0; turns++) work.goOn(step());
  expect(ended).toEqual([dropped("modest")]);
  expect(turns).toBeLessThanOrEqual(3 * 3);
});

it("keeps the order of each library, ends, and counts each turn", () => {
  const { work, ended, holds } = openWork(() => 2);
  const messages = ["a", "b", "a", "c", "a", "b"].map(dropped);
  for (const message of messages) work.add(message);
  while (work.pending) work.goOn(step());
  for (const id of ["a", "b", "c"]) {
    const isOf = ({ libraryId }: OfLibrary) => libraryId === id;
    expect(ended.filter(isOf)).toEqual(messages.filter(isOf));
  }
  expect(holds.read()).toEqual([expect.objectContaining({ work: "test", turns: 2 * messages.length })]);
});
