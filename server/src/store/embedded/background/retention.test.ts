import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { defaultEventSettings, type EventSettings } from "@arrwdb/protocol/documents/model";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { newChunk, newDocument } from "../../../../../test/conformance/store-fixture.ts";
import { openDatabase } from "../tables/database.ts";
import { EventClock } from "../writing/event-clock.ts";
import { Retention } from "./retention.ts";
import { Tables } from "../tables/tables.ts";
import { Uploads } from "../writing/uploads.ts";
import { TableWriter } from "../writing/table-writer.ts";

const begin = Date.UTC(2026, 0, 1, 12);
const minute = 60_000;
let directory: string;
let database: DatabaseSync;
let tables: Tables;
let clock: EventClock;

const writer = () => new TableWriter(tables, new Uploads(tables, minute), clock);

/** A library with three events. */
function newLibrary(events: Partial<EventSettings> = {}): string {
  const settings = { name: "L", description: null, embeddingModel: "none", dimension: 2 };
  const { id } = writer().createLibrary({ ...settings, events: { ...defaultEventSettings, ...events } });
  const chunks = [newChunk({ vector: Float32Array.of(1, 0) })];
  writer().writeDocuments(id, [newDocument({ chunks }), newDocument({ chunks })]);
  return id;
}

const kept = (id: string) =>
  tables.events.after(tables.libraries.find(id).key, { afterSeq: 0, limit: 10 }).map(({ seq }) => seq);

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: begin });
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  database = openDatabase(directory);
  tables = new Tables(database);
  clock = new EventClock(tables.events);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  database.close();
  await rm(directory, { recursive: true, force: true });
});

it("looks, of many libraries, at those that have something to forget and no others", () => {
  database.exec("BEGIN");
  const expected = new Map<string, readonly number[]>();
  for (let number = 0; number < 500; number++) {
    expected.set(newLibrary(), [1, 2, 3]);
    if (number % 100 === 0) {
      expected.set(newLibrary({ max_age_seconds: 60 }), []);
      expected.set(newLibrary({ max_age_seconds: null, max_count: 1 }), [3]);
      expected.set(newLibrary({ max_age_seconds: null, max_count: 3 }), [1, 2, 3]);
      expected.set(newLibrary({ max_age_seconds: 61 }), [1, 2, 3]);
      writer().deleteLibrary(newLibrary({ max_age_seconds: 60 }));
    }
  }
  database.exec("COMMIT");
  const looks = vi.spyOn(tables.events, "lastOlder");
  const retention = new Retention(tables);
  retention.allDue();
  const now = new Date(begin + minute + 1);
  while (retention.work(now));
  expect([...expected.keys()].map(kept)).toEqual([...expected.values()]);
  expect(new Set(looks.mock.calls.map(([library]) => library)).size).toBe(5);
});
