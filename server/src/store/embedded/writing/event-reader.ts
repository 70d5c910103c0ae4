import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { EventRange, Events } from "../../event-store.ts";
import type { Tables } from "../tables/tables.ts";

/** Events after a position, all of which must still be retained. @throws ArrwError */
export function readEvents({ libraries, events }: Tables, libraryId: string, range: EventRange): Events {
  const { key, library } = libraries.find(libraryId);
  const { seq } = library;
  if (range.afterSeq > seq) {
    const message = `from_seq: ${range.afterSeq} is ahead of the library's position, ${seq} (was its data replaced?); reload the data and resume from there`;
    throw new ArrwError("position_ahead", message, { field: "from_seq" });
  }
  const earliestSeq = (events.earliest(key) ?? seq + 1) - 1;
  if (range.afterSeq < earliestSeq) {
    const message = `from_seq: some events after ${range.afterSeq} have expired, only events after ${earliestSeq} are available; reload the data and resume from its seq`;
    throw new ArrwError("position_expired", message, { field: "from_seq", earliestSeq });
  }
  return { events: events.after(key, range), seq, earliestSeq };
}
