import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { lingering } from "./lingering-close.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** How many seconds a client that sends something each second is waited for. */
async function secondsOf(closing: AbortController, closesAfter: number): Promise<number> {
  const request = new IncomingMessage(new Socket());
  request.headers["transfer-encoding"] = "chunked";
  let hasEnded = false;
  void lingering(request, closing.signal).then(() => (hasEnded = true));
  for (let second = 0; ; second++) {
    if (second === closesAfter) closing.abort();
    if (hasEnded) return second;
    request.push(" ");
    await vi.advanceTimersByTimeAsync(1_000);
  }
}

it("waits half a minute for a client that goes on sending, and a second from when the server stops", async () => {
  expect(await secondsOf(new AbortController(), Infinity)).toBe(30);
  expect(await secondsOf(new AbortController(), 10)).toBe(11);
  expect(await secondsOf(new AbortController(), 0)).toBe(1);
});
