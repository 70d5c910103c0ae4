import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfterOf, retryDelay } from "./backoff.ts";

const settings = fc.record({
  first: fc.integer({ min: 1, max: 10_000 }),
  longest: fc.integer({ min: 10_000, max: 10_000_000 }),
});
const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe("The delay before a call is tried again", () => {
  it("doubles up to the longest, less up to half by chance", () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 10_000 }), chance, (given, attempts, random) => {
        const delay = retryDelay(attempts, given, random);
        // The plain model: doubled so often, one by one.
        let whole = given.first;
        for (let each = 1; each < attempts && whole < given.longest; each++) whole *= 2;
        whole = Math.min(whole, given.longest);
        expect(delay).toBeLessThanOrEqual(whole);
        expect(delay).toBeGreaterThanOrEqual(whole / 2);
      }),
    );
  });

  it("is as long as the receiver asks, and never longer than the longest", () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 50 }), chance, fc.nat(), (given, attempts, random, asked) => {
        const delay = retryDelay(attempts, given, random, asked);
        expect(delay).toBe(Math.min(given.longest, Math.max(asked, retryDelay(attempts, given, random))));
      }),
    );
  });
});

describe("Retry-After", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    [undefined, undefined],
    ["", undefined],
    ["soon", undefined],
    ["-5", undefined],
    ["1.5", undefined],
  ])("%s asks for %s ms", (header, delay) => expect(retryAfterOf(header, now)).toBe(delay));
});
