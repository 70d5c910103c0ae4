import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newChunk, newDocument, uuidOf } from "../../../../../test/conformance/store-fixture.ts";
import { openDatabase } from "../tables/database.ts";
import { EventClock } from "../writing/event-clock.ts";
import { Retention } from "./retention.ts";
import { Tables } from "../tables/tables.ts";
import { UploadRetention } from "./upload-retention.ts";
import { Uploads } from "../writing/uploads.ts";
import { TableWriter } from "../writing/table-writer.ts";

const begin = Date.UTC(2026, 0, 1, 12);
const hour = 3_600_000;
let directory: string;
let database: DatabaseSync;
let tables: Tables;
let clock: EventClock;
let libraryId: string;
let libraryKey: number;

const writer = () => new TableWriter(tables, new Uploads(tables, hour), clock);
const write = (number: number) =>
  writer().writeDocuments(libraryId, [
    newDocument({ id: uuidOf(number), chunks: [newChunk({ vector: Float32Array.of(1, 0) })] }),
  ]);
const events = () => tables.events.after(libraryKey, { afterSeq: 0, limit: 1_000 });
const timeOf = (seconds: number) => new Date(begin + seconds * 1_000).toISOString();

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: begin });
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  database = openDatabase(directory);
  tables = new Tables(database);
  clock = new EventClock(tables.events);
  const created = writer().createLibrary({
    name: "test",
    description: null,
    embeddingModel: "none",
    dimension: 2,
    events: { max_age_seconds: 60, max_count: null, search_performed: false },
  });
  libraryId = created.id;
  libraryKey = tables.libraries.find(libraryId).key;
});
afterEach(async () => {
  vi.useRealTimers();
  database.close();
  await rm(directory, { recursive: true, force: true });
});

describe("Where the clock is set back", () => {
  it("no event is stamped before its predecessor, and no document changed before it was added", () => {
    const steps = fc.array(fc.record({ seconds: fc.integer({ min: -90_000, max: 90_000 }), restarts: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(steps, (run) => {
        for (const { seconds, restarts } of run) {
          vi.setSystemTime(begin + seconds * 1_000);
          if (restarts) clock = new EventClock(tables.events);
          const [outcome] = write(1);
          const document = outcome !== undefined && "value" in outcome ? outcome.value.document : undefined;
          expect(document?.updated_at).toBe(events().at(-1)?.timestamp);
          expect(document?.created_at.localeCompare(document.updated_at)).toBeLessThanOrEqual(0);
        }
        const times = events().map(({ timestamp }) => timestamp);
        expect(times).toEqual(times.toSorted());
      }),
      { numRuns: 20 },
    );
  });

  it("one event that was stamped too early takes none of the younger ones before it with it", () => {
    for (let number = 0; number < 5; number++) write(number);
    // As an earlier version wrote them: seq 2 to 6.
    const stamp = database.prepare("UPDATE events SET timestamp = ? WHERE library = ? AND seq = ?");
    for (const [seq, seconds] of [-200, -100, 10, -7_200, 20, 30].entries()) {
      stamp.run(timeOf(seconds), libraryKey, seq + 1);
    }
    const retention = new Retention(tables);
    const forget = (seconds: number) => {
      retention.allDue();
      while (retention.pending) retention.work(new Date(begin + seconds * 1_000));
      return events().map(({ seq }) => seq);
    };
    expect(forget(-120)).toEqual([2, 3, 4, 5, 6]);
    expect(forget(60)).toEqual([3, 4, 5, 6]);
    expect(forget(75)).toEqual([5, 6]);
    expect(forget(1_000)).toEqual([]);
  });

  it("an upload is forgotten when its time has passed, not when the clock has come to where it was", () => {
    const uploads = new Uploads(tables, hour);
    const retention = new UploadRetention(tables, hour);
    const forget = (at: number) => {
      retention.allDue();
      while (retention.pending) retention.work(new Date(at));
      return Number(database.prepare("SELECT count(*) AS rows FROM uploads").get()?.["rows"]);
    };
    uploads.begin(libraryKey, "key", new Date(begin + 100 * hour));
    expect(forget(begin)).toBe(1);
    expect(forget(begin + hour - 1)).toBe(1);
    expect(forget(begin + hour)).toBe(0);
  });
});
