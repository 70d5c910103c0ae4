import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../embedded/tables/database.ts";
import { openReader } from "../rows/database-reader.ts";
import type { Scored } from "./text-scores.ts";
import { finish } from "../../../scheduling/steps.ts";
import { TextIndex } from "./text-index.ts";
import { TextTable } from "./text-table.ts";

const words = ["flow", "wing", "heat", "plate", "layer", "mach", "shock", "日本語", "crème"];
const text = fc.array(fc.constantFrom(...words), { minLength: 0, maxLength: 12 }).map((each) => each.join(" "));
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ library: fc.constantFrom(1, 2, 36), text }) },
  { weight: 1, arbitrary: fc.record({ library: fc.constantFrom(1, 2, 36), remove: fc.nat() }) },
);
const query = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }).map((each) => each.join(" "));

const termsOf = (each: string) =>
  each
    .split(" ")
    .filter((word) => word !== "")
    .flatMap((word) => (word === "日本語" ? ["日本", "本語", "日", "本", "語"] : [word === "crème" ? "creme" : word]));

/** BM25 as its definition says, with nothing saved or shared. */
function model(texts: ReadonlyMap<number, string>, asked: string): readonly Scored[] {
  const all = [...texts].map(([key, each]) => ({ key, terms: termsOf(each) }));
  const mean = all.reduce((sum, { terms }) => sum + terms.length, 0) / all.length;
  const wanted = [...new Set(termsOf(asked))];
  const scored = all.map(({ key, terms }) => {
    const scores = wanted.map((term) => {
      const inTexts = all.filter((each) => each.terms.includes(term)).length;
      const times = terms.filter((each) => each === term).length;
      const weight = Math.log(1 + (all.length - inTexts + 0.5) / (inTexts + 0.5));
      return times === 0 ? 0 : (weight * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * terms.length) / mean));
    });
    return { key, score: scores.reduce((sum, score) => sum + score, 0) };
  });
  return scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score || a.key - b.key);
}

describe("TextIndex", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "arrwdb-text-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("scores as BM25 is defined, library by library, whatever was added and removed", () => {
    let run = 0;
    const property = fc.property(fc.array(change, { maxLength: 60 }), query, fc.nat(20), (changes, asked, count) => {
      const path = join(directory, `${run++}`);
      const database = openTemporary(path);
      const table = new TextTable(database);
      const reader = openReader(path);
      const index = new TextIndex(reader);
      const libraries = new Map<number, Map<number, string>>();
      let key = 0;
      for (const each of changes) {
        const texts = libraries.get(each.library) ?? new Map<number, string>();
        libraries.set(each.library, texts);
        if ("text" in each) {
          key++;
          table.insert({ key: each.library, language: "none" }, "", new Map([[key, each.text]]));
          texts.set(key, each.text);
          continue;
        }
        const gone = [...texts.keys()][each.remove % Math.max(1, texts.size)];
        if (gone === undefined) continue;
        table.remove(each.library, [gone]);
        texts.delete(gone);
      }
      for (const [library, texts] of libraries) {
        const odd = (each: number) => each % 2 === 1;
        const expected = model(texts, asked);
        const row = { key: library, language: "none" } as const;
        expectClose(finish(index.search(row, index.terms(row, asked), count + 1)).hits, expected.slice(0, count + 1));
        expectClose(
          finish(index.search(row, index.terms(row, asked), 3, odd)).hits,
          expected.filter((hit) => odd(hit.key)).slice(0, 3),
        );
      }
      reader.close();
      database.close();
    });
    fc.assert(property, { numRuns: 60 });
    expect(run).toBeGreaterThanOrEqual(60);
  });

  it("takes no query for anything but words", () => {
    const database = openTemporary(join(directory, "hostile"));
    const table = new TextTable(database);
    table.insert({ key: 1, language: "en" }, "NEAR", new Map([[1, "wings AND heat OR (tokens : *) not 1.flow.1.1"]]));
    const index = new TextIndex(database);
    const library = { key: 1, language: "en" } as const;
    const find = (asked: string) =>
      finish(index.search(library, index.terms(library, asked), 10)).hits.map(({ key }) => key);
    for (const asked of ['"', "wing*", 'NEAR("a" "b")', "tokens:heat", "^wing", "'; DROP TABLE postings; --", "a AND"])
      expect(() => find(asked)).not.toThrow();
    expect([find("wing"), find("1.flow"), find("fl"), find("*"), find("- - -")]).toEqual([[1], [1], [], [], []]);
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (asked) => find(asked).length <= 1));
    database.close();
  });
});

function openTemporary(directory: string) {
  mkdirSync(directory);
  return openDatabase(directory);
}

/** Equal scores up to rounding may change places. */
function expectClose(hits: readonly Scored[], expected: readonly Scored[]): void {
  expect(hits).toHaveLength(expected.length);
  for (const [place, { score }] of hits.entries()) expect(score).toBeCloseTo(expected[place]?.score ?? NaN, 9);
  const last = expected.at(-1)?.score ?? 0;
  const known = new Map(expected.map(({ key, score }) => [key, score]));
  for (const { key, score } of hits) expect(score).toBeCloseTo(known.get(key) ?? last, 9);
  expect(new Set(hits.map(({ key }) => key)).size).toBe(hits.length);
}
