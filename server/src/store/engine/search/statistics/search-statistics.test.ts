import { describe, expect, it } from "vitest";
import { SearchCounts } from "./search-statistics.ts";

const day = Date.parse("2026-11-28T00:00:00Z");

describe("Recall that was sampled", () => {
  it("speaks of the library as it is, with a size and dates, and is kept", () => {
    const counts = new SearchCounts();
    for (let each = 0; each < 30; each++) {
      counts.sampled("L", { recall: 1, chunks: 10_000, effort: 40, at: day + each });
    }
    const small = { mean: 1, minimum: 1, samples: 30, chunks: 10_000 };
    const dates = { oldest: "2026-11-28T00:00:00.000Z", newest: "2026-11-28T00:00:00.029Z" };
    expect(counts.recall("L", 12_000)).toEqual({ ...small, ...dates });
    // There is nothing of this size yet: what there is says of what size it is.
    expect(counts.recall("L", 300_000)).toEqual({ ...small, ...dates });
    expect(counts.recallNow("L", { chunks: 300_000, effort: 40 })).toBeUndefined();
    counts.sampled("L", { recall: 0.9, chunks: 290_000, effort: 40, at: day + 1_000 });
    expect(counts.recall("L", 300_000)).toMatchObject({ mean: 0.9, samples: 1, chunks: 290_000 });
    expect(counts.recall("L", 9_000)).toMatchObject(small);
    expect(counts.recall("other", 1)).toBeNull();
  });

  it("decides by samples of the same effort, and shows the others too", () => {
    const counts = new SearchCounts();
    const state = { chunks: 10_000, effort: 40 };
    for (let each = 0; each < 20; each++) {
      expect(counts.recallNow("L", state)).toBeUndefined();
      counts.sampled("L", { recall: 0.5, ...state, at: day });
    }
    expect(counts.recallNow("L", state)).toBe(0.5);
    const wider = { chunks: 10_000, effort: 60 };
    expect(counts.recallNow("L", wider)).toBeUndefined();
    counts.sampled("L", { recall: 1, ...wider, at: day + 1 });
    expect(counts.recall("L", 10_000)).toMatchObject({ samples: 21, minimum: 0.5 });
  });
});
