import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ConsoleFiles } from "./console-files.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "arrwdb-console-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it("finds what a build made since, and nothing that is not there", async () => {
  const assets = join(directory, "assets");
  const files = new ConsoleFiles(assets);
  expect(await files.has("index-1.js")).toBe(false);
  await mkdir(assets);
  await writeFile(join(assets, "index-1.js"), "");
  expect(await files.has("index-1.js")).toBe(true);
  await writeFile(join(assets, "index-2.js"), "");
  expect(await files.has("index-2.js")).toBe(true);
  expect(await files.has("index-3.js")).toBe(false);
  expect(await files.has("../package.json")).toBe(false);
});
