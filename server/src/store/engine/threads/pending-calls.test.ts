import fc from "fast-check";
import { expect, it } from "vitest";
import { type PendingCall, PendingCalls } from "./pending-calls.ts";

const call = (): PendingCall => ({ resolve: () => undefined, reject: () => undefined });

it("gives back each call once, by its number, in whatever order and however often answers come", () => {
  const steps = fc.array(fc.oneof(fc.constant("add" as const), fc.nat(20)), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (run) => {
      const calls = new PendingCalls();
      const model = new Map<number, PendingCall>();
      const numbers: number[] = [];
      for (const step of run) {
        if (step === "add") {
          const added = call();
          const number = calls.add(added);
          expect(numbers).not.toContain(number);
          numbers.push(number);
          model.set(number, added);
        } else {
          // Of all that there ever were: those that have been answered are nobody's any more.
          const number = numbers[step % numbers.length] ?? step;
          expect(calls.take(number)).toBe(model.get(number));
          model.delete(number);
        }
        expect(calls.size).toBe(model.size);
      }
      expect(new Set(calls.takeAll())).toEqual(new Set(model.values()));
      expect(calls.size).toBe(0);
    }),
  );
});

it("uses its slots again", () => {
  const calls = new PendingCalls();
  const numbers = Array.from({ length: 1_000 }, () => {
    const number = calls.add(call());
    calls.take(number);
    return number;
  });
  expect(new Set(numbers).size).toBe(1_000);
  expect(new Set(numbers.map((number) => number % 2 ** 24))).toEqual(new Set([0]));
});
