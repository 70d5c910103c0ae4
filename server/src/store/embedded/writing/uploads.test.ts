import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newDocument, uuidOf } from "../../../../../test/conformance/store-conformance.ts";
import { openDatabase } from "../tables/database.ts";
import { Tables } from "../tables/tables.ts";
import { UploadRetention } from "../background/upload-retention.ts";
import { Uploads } from "./uploads.ts";

const lifetime = 1000;
const library = 1;
let directory: string;
let database: DatabaseSync;
let tables: Tables;
let uploads: Uploads;
let retention: UploadRetention;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  database = openDatabase(directory);
  tables = new Tables(database);
  uploads = new Uploads(tables, lifetime);
  retention = new UploadRetention(tables, lifetime);
});
afterEach(async () => {
  database.close();
  await rm(directory, { recursive: true, force: true });
});

const at = (time: number) => new Date(time);
const begin = (time: number) => uploads.begin(library, "key", at(time)).uploadId;
const placeOf = (uploadId: string, line: number, time: number) =>
  uploads.place(library, newDocument({ uploadId, uploadLine: { line, hash: new Uint8Array(32) } }), at(time));
const count = (table: string) => database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.["rows"];

function keep(uploadId: string, line: number, time: number): void {
  const document = { id: uuidOf(line), title: "T", title_generated: false, num_chunks: 1, seq: line };
  placeOf(uploadId, line, time)?.keep(document);
}

/** Removes everything that is too old; tells in how many slices. */
function forget(time: number): number {
  retention.allDue();
  let slices = 0;
  while (retention.pending) if (retention.work(at(time))) slices++;
  return slices;
}

it("keeps an upload for as long as it is begun again or written to", () => {
  const first = begin(0);
  expect(begin(999)).toBe(first);
  expect(begin(1998)).toBe(first);
  keep(first, 1, 2997);
  expect(forget(3996)).toBe(0);
  expect(begin(3996)).toBe(first);
  expect(begin(4996)).not.toBe(first);
});

it("takes nothing more for an upload whose key has begun a new one", () => {
  const first = begin(0);
  keep(first, 1, 0);
  const second = begin(1000);
  expect(placeOf(first, 2, 1000)).toBeUndefined();
  expect(tables.receipts.after(library, { uploadId: first, afterLine: 0, limit: 10 })).toEqual([]);
  expect(placeOf(second, 1, 1000)?.replay()).toBeUndefined();
});

it("removes what is too old in slices, and never finds half of it", () => {
  const old = begin(0);
  for (let line = 1; line <= 1200; line++) keep(old, line, 0);
  for (let key = 0; key < 700; key++) uploads.begin(library, `empty ${key}`, at(0));
  const young = uploads.begin(library, "young", at(500)).uploadId;
  keep(young, 1, 500);
  retention.allDue();
  expect(retention.work(at(1000))).toBe(true);
  expect(Number(count("receipts"))).toBeGreaterThan(600);
  expect(placeOf(old, 1, 1000)).toBeUndefined();
  // Even where the clock is set back.
  expect(begin(500)).not.toBe(old);
  expect(forget(1000)).toBe(3);
  expect([count("receipts"), count("uploads")]).toEqual([1, 2]);
  expect(forget(2000)).toBe(1);
  expect([count("receipts"), count("uploads")]).toEqual([0, 0]);
});
