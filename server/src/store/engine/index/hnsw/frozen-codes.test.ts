import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { finish, type Steps } from "../../../../scheduling/steps.ts";
import { segmentRows } from "../../vectors/compare-codes.ts";
import { groupedNumbers, readCodes, writeCodes } from "./code-file.ts";
import { CodeGroups } from "./code-groups.ts";

const dimension = 3;
/** Some codes more than a segment has, most of which one chunk has, and a few very many. */
const numCodes = segmentRows + 40;
const codeOf = (key: number) => {
  const number = key % 7 === 0 ? key % 4 : key % numCodes;
  return Int8Array.of((number % 120) + 1, (Math.floor(number / 120) % 120) + 1, number % 7);
};
/** Of chunks with equal codes, some have equal vectors. */
const isEqual = (key: number) => (other: number) => key % 3 === other % 3;
const passes = (key: number) => key % 5 < 2;

let directory: string;
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"))));
afterAll(() => rm(directory, { recursive: true, force: true }));

it("Codes stay as they were at one moment for whoever reads them in steps, whatever comes and goes meanwhile", () => {
  const change = fc.record({ adds: fc.integer({ min: 0, max: 40 }), removes: fc.array(fc.nat(), { maxLength: 40 }) });
  const property = fc.property(
    fc.integer({ min: 0, max: numCodes + 2_000 }),
    fc.array(change, { minLength: 1, maxLength: 12 }),
    fc.constantFrom(1, 10, 5_000),
    fc.nat({ max: 50 }),
    (initial, changes, count, asked) => {
      const groups = new CodeGroups(dimension);
      const there: number[] = [];
      let last = 0;
      const add = () => {
        groups.add(++last, codeOf(last), isEqual(last));
        there.push(last);
      };
      for (let added = 0; added < initial; added++) add();
      let turn = 0;
      const disturb = () => {
        const { adds, removes } = changes[turn++ % changes.length] ?? { adds: 0, removes: [] };
        for (let added = 0; added < adds; added++) add();
        for (const place of removes) {
          const [key] = there.length === 0 ? [] : there.splice(place % there.length, 1);
          if (key !== undefined) groups.remove(key);
        }
      };
      const disturbed = <Value>(steps: Steps<Value>): Value => {
        for (;;) {
          const next = steps.next();
          if (next.done === true) return next.value;
          disturb();
        }
      };
      const query = codeOf(asked);
      const path = join(directory, "codes");
      const read = () => {
        const counts = { rows: groups.rows.size, grouped: groupedNumbers(groups) };
        const frozenCopies = [groups.freeze(), groups.freeze(), groups.freeze()] as const;
        return { counts, frozenCopies };
      };
      const wanted = there.filter(passes);
      const before = {
        search: told(groups.search(query, count)),
        compare: told(groups.compare(query, wanted, count)),
        keys: [...groups.keys()].toSorted(ascending),
      };
      const { counts, frozenCopies } = read();
      const [first, second, third] = frozenCopies;
      expect(told(disturbed(first.search(query, count)))).toEqual(before.search);
      expect(told(disturbed(second.compare(query, passes, count)))).toEqual(before.compare);
      disturbed(writeCodes(path, third));
      const saved = finish(readCodes(path, dimension, counts));
      expect([...saved.keys()].toSorted(ascending)).toEqual(before.keys);
      expect(told(saved.search(query, count))).toEqual(before.search);
      for (const frozen of frozenCopies) frozen.end();
    },
  );
  fc.assert(property, { numRuns: 60 });
}, 60_000);

const ascending = (a: number, b: number) => a - b;

/** Without the order of those that are equally near, of which any may be left out. */
function told(
  found: readonly { readonly key: number; readonly distance: number; readonly equal?: number | undefined }[],
) {
  const farthest = found.reduce((most, { distance }) => Math.max(most, distance), 0);
  const distances = found.map(({ distance }) => distance.toFixed(6)).toSorted();
  const nearer = found.filter(({ distance }) => distance < farthest - 1e-6);
  return { distances, nearer: nearer.map(({ key, equal }) => `${key} ${equal}`).toSorted() };
}
