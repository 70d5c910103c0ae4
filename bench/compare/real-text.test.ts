import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRealText } from "./real-text.ts";

test("real texts are read row by row, with fields to filter by, and missed where they are not", async () => {
  const directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  try {
    expect(await readRealText(directory, 1)).toBeUndefined();
    const rows = (count: number) =>
      new Uint8Array(Float32Array.from({ length: count * 512 }, (_each, at) => at).buffer);
    await writeFile(join(directory, "cranfield-sentences.512.f32"), rows(40));
    await writeFile(join(directory, "cranfield-questions.512.f32"), rows(3));
    const { dataset, queries } = (await readRealText(directory, 1)) ?? {};
    expect([dataset?.count, dataset?.dimension, queries?.length]).toEqual([40, 512, 3]);
    expect([dataset?.vector(2)[0], queries?.[1]?.[5]]).toEqual([1_024, 517]);
    expect(new Set(Array.from({ length: 40 }, (_each, row) => dataset?.fields(row).tenth)).size).toBeGreaterThan(4);
    await writeFile(join(directory, "cranfield-questions.512.f32"), new Uint8Array(100));
    await expect(readRealText(directory, 1)).rejects.toThrow("does not hold rows of 512");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
