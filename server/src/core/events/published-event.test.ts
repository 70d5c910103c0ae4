import { matches } from "@arrwdb/protocol/filter/filter";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { expect, it } from "vitest";
import { PublishedEvent } from "./published-event.ts";

const times = {
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-02T00:00:00.000Z",
  expires_at: "2031-01-01T00:00:00.000Z",
};
const about = { library_id: "l", seq: 2, timestamp: times.updated_at };
const data = {
  document_id: "d",
  title: "T",
  title_generated: false,
  author: null,
  document_type: null,
  source_url: null,
  tags: [],
  metadata: {},
};
const added = { ...data, ...times, id: "d", num_chunks: 1, seq: 2 };
const events: readonly LibraryEvent[] = [
  { ...about, type: "document.added", data: added },
  { ...about, type: "document.added", data: { ...added, expires_at: null } },
  { ...about, type: "document.expired", data: { ...data, expires_at: times.expires_at } },
  { ...about, type: "document.deleted", data },
];

it.each([
  [{ created_at: { $exists: true } }, [true, true, false, false]],
  [{ updated_at: { $exists: true } }, [true, true, false, false]],
  [{ expires_at: { $lte: "2031" } }, [true, false, true, false]],
])("is found by %j if it tells of that time", (filter, found) => {
  expect(
    events.map((event) => matches(filter, new PublishedEvent(event).record ?? { server: {}, metadata: {} })),
  ).toEqual(found);
});
