import fc from "fast-check";
import { expect, it } from "vitest";
import { RateLimiter } from "./rate-limiter.ts";

it("lets so many requests through at once, and tells when the next one may come", () => {
  let now = 0;
  const limiter = new RateLimiter(() => now);
  const states = [1, 2, 3].map(() => limiter.take("a", 3));
  expect(states.map(({ remaining, retryAfter }) => [remaining, retryAfter])).toEqual([
    [2, 0],
    [1, 0],
    [0, 0],
  ]);
  expect(limiter.take("a", 3)).toEqual({ limit: 3, remaining: 0, reset: 60, retryAfter: 20 });
  expect(limiter.take("b", 3).retryAfter).toBe(0);
  now = 20_000;
  expect(limiter.take("a", 3).retryAfter).toBe(0);
  expect(limiter.take("a", 3).retryAfter).toBe(20);
});

it("never lets more through in a minute than twice the limit, nor fewer than asked where they are few enough", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 }),
      (limit, pauses) => {
        let now = 0;
        const limiter = new RateLimiter(() => now);
        const passed: number[] = [];
        for (const pause of pauses) {
          now += pause;
          const { retryAfter } = limiter.take("a", limit);
          if (retryAfter === 0) passed.push(now);
          else expect(passed.filter((at) => at > now - 60_000).length).toBeGreaterThanOrEqual(1);
        }
        for (const end of passed) {
          expect(passed.filter((at) => at > end - 60_000 && at <= end).length).toBeLessThanOrEqual(2 * limit);
        }
        if (pauses.length <= limit) expect(passed).toHaveLength(pauses.length);
      },
    ),
  );
});

it("keeps its word: who waits for as long as it was told may", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 20_000 }), (limit, extra) => {
      let now = 0;
      const limiter = new RateLimiter(() => now);
      let state = limiter.take("a", limit);
      for (let count = 0; count < limit + extra && state.retryAfter === 0; count++) state = limiter.take("a", limit);
      now += state.retryAfter * 1000;
      expect(limiter.take("a", limit).retryAfter).toBe(0);
    }),
    { numRuns: 20 },
  );
});
