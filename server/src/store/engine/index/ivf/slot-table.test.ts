import * as fc from "fast-check";
import { expect, it } from "vitest";
import { SlotTable } from "./slot-table.ts";

const key = fc.oneof(fc.nat(60), fc.integer({ min: 2 ** 32, max: 2 ** 32 + 20 }), fc.maxSafeNat());
const commands = fc.array(fc.record({ kind: fc.constantFrom("put", "put", "remove"), key }), {
  minLength: 100,
  maxLength: 3_000,
  size: "max",
});

it("agrees with a map, whatever is put and removed", () => {
  const property = fc.property(commands, (script) => {
    const keys: number[] = [];
    const table = new SlotTable((slot) => keys[slot] ?? -1);
    const model = new Map<number, number>();
    for (const command of script) {
      if (command.kind === "put") {
        keys.push(command.key);
        table.put(command.key, keys.length - 1);
        model.set(command.key, keys.length - 1);
      } else {
        table.remove(command.key);
        model.delete(command.key);
      }
    }
    for (const each of new Set(script.map((command) => command.key))) expect(table.find(each)).toBe(model.get(each));
  });
  fc.assert(property, { numRuns: 50 });
});

it("takes some bytes a key", () => {
  const table = new SlotTable((slot) => slot * 7);
  for (let slot = 0; slot < 100_000; slot++) table.put(slot * 7, slot);
  expect(table.bytes / 100_000).toBeLessThan(12);
  expect(table.find(7 * 99_999)).toBe(99_999);
  expect(table.find(3)).toBeUndefined();
});
