import fc from "fast-check";
import { expect, it } from "vitest";
import { type PendingCall, PendingCalls } from "./pending-calls.ts";

const call = (): PendingCall => ({ resolve: () => undefined, reject: () => undefined });

it("gives back each call once, by its number, in whatever order answers come", () => {
  const steps = fc.array(fc.oneof(fc.constant("add" as const), fc.nat(20)), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (run) => {
      const calls = new PendingCalls();
      const model = new Map<number, PendingCall>();
      for (const step of run) {
        if (step === "add") {
          const added = call();
          const number = calls.add(added);
          expect(model.has(number)).toBe(false);
          model.set(number, added);
        } else {
          expect(calls.take(step)).toBe(model.get(step));
          model.delete(step);
        }
        expect(calls.size).toBe(model.size);
      }
      expect(new Set(calls.takeAll())).toEqual(new Set(model.values()));
      expect(calls.size).toBe(0);
    }),
  );
});
