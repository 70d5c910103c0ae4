import fc from "fast-check";
import { expect, it } from "vitest";
import { type Line, splitLines } from "./lines.ts";

async function linesOf(chunks: readonly Uint8Array[], maxBytes: number): Promise<readonly Line[]> {
  async function* stream() {
    yield* chunks;
  }
  const lines: Line[] = [];
  for await (const line of splitLines(stream(), maxBytes)) lines.push(line);
  return lines;
}

const textOf = (line: Line) => (line.bytes === undefined ? undefined : Buffer.from(line.bytes).toString());

it("gives the same lines however the stream is cut", async () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "🙂", " ", "\r", "\t") }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(texts, fc.array(fc.nat(60), { maxLength: 8 }), fc.boolean(), async (lines, cuts, ended) => {
      const bytes = Buffer.from(lines.join("\n") + (ended ? "\n" : ""));
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      const limit = 20;
      const expected = lines.flatMap((text, index): { number: number; text: string | undefined }[] => {
        if (Buffer.byteLength(text) > limit) return [{ number: index + 1, text: undefined }];
        return text.trim() === "" ? [] : [{ number: index + 1, text }];
      });
      const found = await linesOf(chunks, limit);
      expect(found.map((line) => ({ number: line.number, text: textOf(line) }))).toEqual(expected);
    }),
  );
});

it("drops a last line that broke off with its stream", async () => {
  async function* broken() {
    yield Buffer.from("whole\nhal");
    throw new Error("cut");
  }
  const seen: (string | undefined)[] = [];
  const read = async () => {
    for await (const line of splitLines(broken(), 100)) seen.push(textOf(line));
  };
  await expect(read()).rejects.toThrow("cut");
  expect(seen).toEqual(["whole"]);
});

it("holds a line that comes byte by byte in no more room than it has bytes", async () => {
  const megabyte = 1024 * 1024;
  let largest = 0;
  async function* trickle() {
    for (let index = 0; index < megabyte; index++) {
      yield Buffer.from("a");
      if (index % 100_000 === 0) largest = Math.max(largest, process.memoryUsage().heapUsed);
    }
  }
  const before = process.memoryUsage().heapUsed;
  const lines: Line[] = [];
  for await (const line of splitLines(trickle(), megabyte)) lines.push(line);
  expect(lines.map(({ bytes }) => bytes?.length)).toEqual([megabyte]);
  expect(largest - before).toBeLessThan(100 * megabyte);
});
