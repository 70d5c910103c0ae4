import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LogTruncationPause } from "./log-truncation-pause.ts";

describe("Searches that go on for long", () => {
  let pages: number;
  let rest: LogTruncationPause;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
    pages = 100;
    rest = new LogTruncationPause(() => pages);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const isDue = (open: number) => {
    vi.advanceTimersByTime(200);
    return rest.isDue(open);
  };

  it("rest where the log is long, until it has begun anew", () => {
    expect(isDue(4)).toBe(false);
    pages = 5_000;
    expect(isDue(4)).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect([isDue(1), isDue(0)]).toEqual([true, true]);
    pages = 3;
    expect(isDue(0)).toBe(false);
    pages = 5_000;
    expect(isDue(0)).toBe(true);
  });

  it("go on where somebody else reads an old state, until the log is twice as long", () => {
    pages = 5_000;
    expect([isDue(1), isDue(0)]).toEqual([true, true]);
    vi.advanceTimersByTime(1_000);
    expect(isDue(0)).toBe(false);
    pages = 9_000;
    expect(isDue(4)).toBe(false);
    pages = 10_000;
    expect(isDue(4)).toBe(true);
  });
});
