import type { EventRange, Events } from "../../event-store.ts";
import { checkEventRange } from "../../event-range-check.ts";
import type { Tables } from "../tables/tables.ts";

/** Events after a position, all of which must still be retained. @throws ArrwError */
export function readEvents({ libraries, events }: Tables, libraryId: string, range: EventRange): Events {
  const { key, library } = libraries.find(libraryId);
  const { seq } = library;
  const earliestSeq = (events.earliest(key) ?? seq + 1) - 1;
  checkEventRange(range.afterSeq, { seq, earliestSeq });
  return { events: events.after(key, range), seq, earliestSeq };
}
