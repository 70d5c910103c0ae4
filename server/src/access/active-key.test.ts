import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { StoredKey } from "../store/key-store.ts";
import { ActiveKey } from "./active-key.ts";

const begin = Date.UTC(2026, 0, 1, 12);
const minute = 60_000;

const key = (expiresIn: number | null) => {
  const stored: StoredKey = {
    id: "k",
    name: "test",
    scope: "read",
    hash: new Uint8Array(32),
    libraries: null,
    limits: {},
    createdAt: new Date(begin).toISOString(),
    expiresAt: expiresIn === null ? null : new Date(begin + expiresIn).toISOString(),
    lastUsedAt: null,
  };
  return new ActiveKey(stored);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"], now: begin });
});
afterEach(() => vi.useRealTimers());

/** Time passes, and somebody sets the clock by as much besides. */
function pass(milliseconds: number, set = 0): void {
  const now = Date.now();
  vi.advanceTimersByTime(milliseconds);
  vi.setSystemTime(now + milliseconds + set);
}

it("ends in time though the clock is set back, and does not come back", () => {
  const ending = key(10 * minute);
  pass(5 * minute, -60 * minute);
  expect(ending.ended).toBeUndefined();
  pass(5 * minute);
  expect(ending.ended).toMatchObject({ code: "unauthorized" });
  pass(0, -600 * minute);
  expect(ending.ended).toMatchObject({ code: "unauthorized" });
});

it("ends in time where the clock was behind and is set right", () => {
  const ending = key(10 * minute);
  pass(minute, 9 * minute);
  expect(ending.ended).toMatchObject({ code: "unauthorized" });
  expect(key(null).ended).toBeUndefined();
});

it("remembers its use once a minute, wherever the clock stands", () => {
  const used = key(null);
  expect(used.use(Date.now())).toBe(true);
  pass(30_000, -60 * minute);
  expect(used.use(Date.now())).toBe(false);
  pass(30_000);
  expect(used.use(Date.now())).toBe(true);
  expect(used.lastUsedAt).toBe(new Date(begin - 59 * minute).toISOString());
});
