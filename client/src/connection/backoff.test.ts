import { assert, double, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

const settings = { minDelay: 250, maxDelay: 30_000 };
/** The greatest pauses that there can be. */
const bounds = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

describe("Backoff", () => {
  it("doubles the bound up to the greatest one", () => {
    const backoff = new Backoff(settings, () => 1);
    expect(bounds(backoff, 9)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it("stays between nothing and the bound, however often it fails", () => {
    const share = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    assert(
      property(share, integer({ min: 1, max: 3_000 }), (random, failures) => {
        const backoff = new Backoff(settings, () => random);
        for (let failure = 0; failure < failures; failure++) {
          const delay = backoff.next();
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(30_000, 250 * 2 ** failure));
        }
      }),
      { numRuns: 20 },
    );
  });

  it("gives up after the attempts that it has, and begins anew after a success", () => {
    const backoff = new Backoff({ ...settings, maxAttempts: 2 }, () => 1);
    expect(bounds(backoff, 3)).toEqual([250, 500, undefined]);
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });
});
