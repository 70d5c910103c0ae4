import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { finish } from "../../../../scheduling/steps.ts";
import { groupedNumbers, readCodes, writeCodes } from "./code-file.ts";
import { CodeGroups } from "./code-groups.ts";

const dimension = 3;
/** Few codes, so that many chunks share one. */
const codes = [
  [127, 0, 0],
  [127, 1, 0],
  [0, 127, 0],
  [0, -127, 5],
].map((bytes) => Int8Array.from(bytes));
const codeOf = (key: number) => codes[key % codes.length] ?? new Int8Array(dimension);
/** Of chunks with equal codes, some have equal vectors. */
const isEqual = (key: number) => (other: number) => key % 8 === other % 8;

it("Chunks with equal codes share a row, and are found and forgotten each by itself", async () => {
  const directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  const step = fc.record({ adds: fc.boolean(), key: fc.nat({ max: 40 }) });
  const property = fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 50 }), (script, count) => {
    let groups = new CodeGroups(dimension);
    const there = new Set<number>();
    const gone = new Set<number>();
    const nodes = new Set<number>();
    for (const { adds, key } of script) {
      if (adds && !there.has(key) && !gone.has(key)) {
        if (groups.add(key, codeOf(key), isEqual(key))) nodes.add(key);
        there.add(key);
      }
      if (!adds && there.delete(key)) {
        const node = groups.remove(key);
        if (node !== undefined) expect(nodes.delete(node)).toBe(true);
        gone.add(key);
      }
    }
    expect(groups.remove(1_000)).toBeUndefined();
    const path = join(directory, "codes");
    finish(writeCodes(path, groups.freeze()));
    const counts = { rows: groups.rows.size, grouped: groupedNumbers(groups) };
    for (groups of [groups, finish(readCodes(path, dimension, counts))]) {
      expect(new Set(groups.keys())).toEqual(there);
      expect([groups.size, groups.rows.size]).toEqual([there.size, new Set([...there].map((key) => key % 4)).size]);
      expect(new Set(groups.rows.keys())).toEqual(nodes);
      const found = groups.search(codeOf(0), count);
      const right = there.size < count ? there.size : count;
      expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
      expect(found.length).toBeGreaterThanOrEqual(right);
      expect(found.every(({ key }) => there.has(key))).toBe(true);
      const some = [...there].filter((key) => key % 3 !== 0);
      const compared = groups.compare(codeOf(2), some, 100).map(({ key }) => key);
      expect([compared.length, new Set(compared)]).toEqual([some.length, new Set(some)]);
      // What is said to be equal is so.
      const equal = Map.groupBy(
        found.filter((each) => each.equal !== undefined),
        (each) => each.equal,
      );
      for (const each of equal.values()) expect(new Set(each.map(({ key }) => key % 8)).size).toBe(1);
    }
  });
  try {
    fc.assert(property, { numRuns: 200 });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
