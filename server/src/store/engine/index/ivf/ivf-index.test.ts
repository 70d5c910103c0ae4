import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finish } from "../../../../scheduling/steps.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../../test/support/data/vectors.ts";
import { SnapshotFiles } from "../snapshot-files.ts";
import type { Proposal } from "../vector-index.ts";
import { IvfIndex, type IvfIndexOptions } from "./ivf-index.ts";
import { planLists } from "./list-plan.ts";
import { extent } from "../../../../../../test/support/suite/extent.ts";

/** What an index has whatever it holds. */
type Site = Omit<IvfIndexOptions, "plan" | "training">;

type Vector = Float32Array<ArrayBuffer>;

const thresholds = { trainAt: 8, listSize: 3 };
const defaults = { trainAt: 4_096, listSize: 39 };

describe("Vectors in lists", () => {
  const random = seededRandom(5);
  let directory: string;
  let files: SnapshotFiles;
  let stalls: unknown[];
  let open: IvfIndex[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    files = new SnapshotFiles(directory);
    stalls = [];
    open = [];
  });
  afterEach(async () => {
    for (const index of open) index.close();
    await rm(directory, { recursive: true, force: true });
  });

  const site = (dimension: number, changes: Partial<Site> = {}): Site => ({
    dimension,
    files,
    name: files.newName("library"),
    tailLimit: 10,
    slice: 5,
    onStall: (error) => stalls.push(error),
    ...changes,
  });

  /** An index of these vectors, as they are added to one that is rebuilt. */
  function build(vectors: ReadonlyMap<number, Vector>, plan: ReturnType<typeof planLists>, where: Site): IvfIndex {
    const index = new IvfIndex({
      ...where,
      plan,
      training: { keys: [...vectors.keys()], source: (key) => vectors.get(key) },
    });
    open.push(index);
    for (const [key, vector] of vectors) {
      while (index.saturated && stalls.length === 0) index.work();
      index.add(key, vector);
    }
    return index;
  }

  const settle = (index: IvfIndex) => {
    while (index.work());
  };

  const randomVectors = (count: number, dimension: number) =>
    new Map(Array.from({ length: count }, (_each, index) => [index + 1, randomUnitVector(dimension, random)]));

  const keysOf = ({ items }: Proposal) => items.map(({ key }) => key).toSorted((a, b) => a - b);

  /** As many as can be, each once, none that is not there, and every one nearer than `completeBelow`. */
  function expectWhole(proposal: Proposal, query: Vector, there: ReadonlyMap<number, Vector>, count: number): void {
    const found = keysOf(proposal);
    expect(found).toEqual([...new Set(found)].filter((key) => there.has(key)));
    expect(found.length).toBeGreaterThanOrEqual(Math.min(count, there.size));
    const missed = [...there].filter(([key]) => !found.includes(key));
    for (const [, vector] of missed)
      expect(cosineDistance(query, vector)).toBeGreaterThanOrEqual(proposal.completeBelow);
  }

  const command = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 20 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("work" as const), count: fc.integer({ min: 1, max: 60 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("remove" as const), every: fc.integer({ min: 1, max: 5 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("reload" as const) }) },
  );

  it("are found as by comparing them all, whatever is added, removed, moved and loaded again", () => {
    const dimension = 4;
    const property = fc.property(
      fc.nat(60),
      fc.integer({ min: 2, max: 9 }),
      fc.array(command, { maxLength: 30, size: "max" }),
      (initial, nlist, script) => {
        const model = randomVectors(initial, dimension);
        const where = site(dimension);
        const plan = planLists(nlist, nlist, initial, thresholds);
        let index = build(model, plan, where);
        let next = initial + 1;
        for (const step of script) {
          switch (step.kind) {
            case "add":
              for (let each = 0; each < step.count; each++) {
                model.set(next, randomUnitVector(dimension, random));
                index.add(next, model.get(next) ?? new Float32Array(dimension));
                next++;
              }
              break;
            case "work":
              for (let each = 0; each < step.count && index.work(); each++);
              break;
            case "remove": {
              const gone = [...model.keys()].filter((key) => key % step.every === 0);
              index.remove([...gone, next + 100]);
              for (const key of gone) model.delete(key);
              break;
            }
            case "reload": {
              const saved = finish(index.save(files));
              if (saved === undefined) break;
              const lacking = new Map(model);
              index.saved();
              index.close();
              index = finish(IvfIndex.load({ ...where, plan }, saved));
              open.push(index);
              for (const key of index.keys()) expect(lacking.delete(key)).toBe(true);
              expect(index.size).toBe(model.size - lacking.size);
              for (const [key, vector] of lacking) index.add(key, vector);
            }
          }
          expect([index.size, [...index.keys()].toSorted((a, b) => a - b)]).toEqual([model.size, [...model.keys()]]);
          const query = randomUnitVector(dimension, random);
          for (const count of [1, 5, model.size]) {
            if (count === 0) continue;
            for (const proposal of index.search([query, query], count)) {
              expectWhole(proposal, query, model, count);
              expect(proposal.completeBelow).toBeGreaterThan(-Infinity);
            }
            expectWhole(index.compareAll(query, count), query, model, count);
            const some = new Map([...model].filter(([key]) => key % 3 > 0));
            expectWhole(index.compareSome(query, [...some.keys(), next + 7], count), query, some, count);
          }
        }
        index.close();
      },
    );
    fc.assert(property, { numRuns: extent(30, 200) });
    expect(stalls).toEqual([]);
  });

  it("are as many as were asked for, however few lists are looked at", () => {
    const vectors = randomVectors(400, 8);
    const index = build(vectors, planLists(20, 1, 400, thresholds), site(8));
    settle(index);
    expect(index.pending).toBe(0);
    for (const count of [1, 10, 100, 399, 400]) {
      const query = randomUnitVector(8, random);
      const [proposal] = index.search([query], count);
      expect(proposal?.items.length).toBeGreaterThanOrEqual(count);
      expect(
        keysOf(proposal ?? { items: [], completeBelow: 0, typicalError: 0 }).every((key) => vectors.has(key)),
      ).toBe(true);
    }
    // Each is in the list that is nearest to it.
    for (const [key, vector] of vectors) {
      expect(index.search([vector], 1)[0]?.items.some((item) => item.key === key)).toBe(true);
    }
  });

  it("are found among clusters by a few of the lists", () => {
    const dimension = 32;
    const middles = Array.from({ length: 60 }, () => randomUnitVector(dimension, random));
    const near = () => {
      const middle = middles[Math.floor(random() * middles.length)] ?? new Float32Array(dimension);
      const noise = randomUnitVector(dimension, random);
      const vector = middle.map((number, index) => number + 0.7 * (noise[index] ?? 0));
      const length = Math.hypot(...vector);
      return vector.map((number) => number / length);
    };
    const vectors = new Map(Array.from({ length: 8_000 }, (_each, index) => [index, near()]));
    const plan = planLists(null, null, vectors.size, defaults);
    const index = build(vectors, plan, site(dimension, { tailLimit: 1_000, slice: 256 }));
    settle(index);
    let found = 0;
    let looked = 0;
    for (let round = 0; round < 60; round++) {
      const query = near();
      const truth = [...vectors]
        .map(([key, vector]) => ({ key, distance: cosineDistance(query, vector) }))
        .toSorted((a, b) => a.distance - b.distance)
        .slice(0, 10);
      const [proposal] = index.search([query], 20);
      const keys = new Set(proposal?.items.map(({ key }) => key));
      found += truth.filter(({ key }) => keys.has(key)).length;
      looked += proposal?.completeBelow === -Infinity ? 1 : 0;
    }
    expect(plan.lists).toBe(205);
    expect(looked).toBe(60);
    expect(found / 600).toBeGreaterThan(0.95);
    // Of 100,000 numbers and more, some bytes a vector are in memory.
    expect(index.bytes / vectors.size).toBeLessThan(dimension + 30);
  });

  it("leave room for others when they are removed", async () => {
    const vectors = randomVectors(300, 8);
    const where = site(8);
    const index = build(vectors, planLists(10, 10, 300, thresholds), where);
    settle(index);
    const size = async () => (await stat(files.path(`${where.name}.ivf`))).size;
    const before = await size();
    let next = 1_000;
    for (let round = 0; round < 32; round++) {
      // Those of one round are alike, and stand in other lists than those of the next.
      const alike = () => randomUnitVector(8, random).map((number, axis) => number + (axis === round % 8 ? 3 : 0));
      for (let slice = 0; slice < 5; slice++) {
        const old = [...vectors.keys()].slice(0, 60);
        index.remove(old);
        for (const key of old) vectors.delete(key);
        for (let each = 0; each < 60; each++) {
          vectors.set(next, alike());
          index.add(next, vectors.get(next) ?? new Float32Array(8));
          next++;
        }
        settle(index);
      }
    }
    expect(await size()).toBeLessThan(2.5 * before);
    expect([index.size, index.pending]).toEqual([300, 0]);
    expect(index.deletedFraction).toBeLessThan(0.01);
    index.remove([...vectors.keys()].slice(0, 150));
    expect(index.deletedFraction).toBeGreaterThan(0.45);
  });

  it("never count as eroded while they are made, as nothing was removed", () => {
    const index = build(randomVectors(400, 8), planLists(20, null, 400, thresholds), site(8));
    const seen: number[] = [];
    do seen.push(index.deletedFraction);
    while (index.work());
    expect(Math.max(...seen)).toBe(0);
  });

  it("are looked for in as many lists as is asked for, from one moment to the next", () => {
    const vectors = randomVectors(400, 8);
    const index = build(vectors, planLists(20, 20, 400, thresholds), site(8));
    settle(index);
    const completeBelow = () => index.search([randomUnitVector(8, random)], 1)[0]?.completeBelow;
    expect(completeBelow()).toBeGreaterThan(-Infinity);
    index.tune(planLists(20, 1, 400, thresholds));
    expect(completeBelow()).toBe(-Infinity);
    expect(index.rebuildReason(planLists(20, 1, 400, thresholds))).toBeUndefined();
    expect(index.rebuildReason(planLists(30, 1, 400, thresholds))).toBeDefined();
    for (let key = 1_000; key < 2_199; key++) index.add(key, randomUnitVector(8, random));
    expect(index.rebuildReason(planLists(20, 1, 1_599, thresholds))).toBeUndefined();
    index.add(3_000, randomUnitVector(8, random));
    expect(index.rebuildReason(planLists(20, 1, 1_600, thresholds))).toBeDefined();
  });

  it("stay in memory where they cannot be written, and are written when they can", async () => {
    const vectors = randomVectors(200, 8);
    await rm(join(directory, "indexes"), { recursive: true });
    const index = build(vectors, planLists(8, 8, 200, thresholds), site(8, { tailLimit: 1_000 }));
    expect([index.work(), index.work()]).toEqual([false, false]);
    expect(stalls).toHaveLength(1);
    const query = randomUnitVector(8, random);
    expectWhole(index.compareAll(query, 200), query, vectors, 200);
    await mkdir(join(directory, "indexes"));
    settle(index);
    expect([index.size, index.pending]).toEqual([200, 0]);
    expectWhole(index.compareAll(query, 200), query, vectors, 200);
  });

  it("leave no file behind unless they were saved", async () => {
    const names = () => readdir(join(directory, "indexes"));
    const vectors = randomVectors(100, 8);
    const plan = planLists(8, 8, 100, thresholds);
    const training = build(new Map([...vectors].slice(0, 5)), plan, site(8));
    training.work();
    training.close();
    expect(await names()).toEqual([]);
    const first = build(vectors, plan, site(8));
    settle(first);
    first.close();
    expect(await names()).toEqual([]);
    const where = site(8);
    const second = build(vectors, plan, where);
    settle(second);
    const saved = finish(second.save(files));
    second.saved();
    second.close();
    expect(existsSync(files.path(`${where.name}.ivf`))).toBe(true);
    expect(saved?.files.map(({ file }) => file)).toEqual((await names()).toSorted());
  });
});
