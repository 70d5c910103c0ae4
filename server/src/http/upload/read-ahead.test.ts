import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../../../test/support/waiting.ts";
import { ReadAhead } from "./read-ahead.ts";
import { SpoolBudget } from "./spool-budget.ts";

const mebibyte = 1024 * 1024;
const partBytes = 64 * 1024;
/** More than waits in memory, so that the rest has to go to the disk or to wait with its sender. */
const parts = 64;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** A body without end, which counts what was taken of it. */
function endless(): { readonly body: Readable; readonly taken: () => number } {
  let taken = 0;
  const body = new Readable({
    highWaterMark: partBytes,
    read() {
      taken++;
      this.push(Buffer.alloc(partBytes, taken));
    },
  });
  return { body, taken: () => taken };
}

/** Everything that was begun has ended: nothing happens in this process any more without a new cause. */
async function quiet(count: () => number): Promise<void> {
  for (let turns = 0, last = count(); turns < 100; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (count() !== last) turns = 0;
    last = count();
  }
}

describe("A body that is read ahead", () => {
  it("is taken in up to the room on the disk while nobody asks for it", async () => {
    const { body, taken } = endless();
    const ahead = new ReadAhead({
      source: body,
      directory,
      room: new SpoolBudget(parts * partBytes),
      draining: new AbortController().signal,
    });
    await eventually(() => taken() >= parts);
    await quiet(taken);
    expect(taken()).toBeLessThan(2 * parts);
    await ahead.close();
    body.destroy();
    expect(await readdir(directory)).toEqual([]);
  });

  it("is read no further than memory holds once the server stops", async () => {
    const draining = new AbortController();
    const body = new PassThrough({ highWaterMark: partBytes });
    const ahead = new ReadAhead({
      source: body,
      directory,
      room: new SpoolBudget(1024 * mebibyte),
      draining: draining.signal,
    });
    draining.abort();
    let sent = 0;
    void (async () => {
      for (; sent < parts; sent++) {
        if (!body.write(Buffer.alloc(partBytes))) await new Promise((resolve) => body.once("drain", resolve));
      }
    })();
    await eventually(() => sent >= 4);
    await quiet(() => sent);
    expect(sent).toBeLessThan(parts / 4);
    expect(await readdir(directory)).toEqual([]);
    await ahead.close();
    body.destroy();
  });

  it("comes out as it came in, however much of it waited and where", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 0, max: mebibyte }), fc.nat(20), async (lengths, room, stopAfter) => {
        const draining = new AbortController();
        const sent = lengths.map((length, index) => Buffer.alloc(length, index + 1));
        const ahead = new ReadAhead({
          source: Readable.from(sent),
          directory,
          room: new SpoolBudget(room),
          draining: draining.signal,
        });
        const received: Uint8Array[] = [];
        for await (const part of ahead) {
          received.push(part);
          if (received.length === stopAfter) draining.abort();
          await new Promise((resolve) => setImmediate(resolve));
        }
        await ahead.close();
        expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
        expect(await readdir(directory)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
