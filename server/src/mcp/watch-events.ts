import type { EventPage, EventType } from "@arrwdb/protocol/events/events";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { ToolContext } from "./mcp-tool.ts";

export interface EventWatch {
  readonly events: EventType[] | undefined;
  readonly filter: Filter | undefined;
  readonly after: number | undefined;
  readonly milliseconds: number;
}

/** Maximum of events per response. */
const eventsOfAnswer = 50;

/** The next events after a position, or an empty page on time-out. */
export async function watchEvents(
  { database, waiting }: Pick<ToolContext, "database" | "waiting">,
  libraryId: string,
  watch: EventWatch,
  scope: AbortSignal,
): Promise<EventPage> {
  const { events, filter: metadata_filter, milliseconds } = watch;
  const from = watch.after ?? (await database.library(libraryId, scope)).seq;
  const page = (from_seq: number) =>
    database.events(libraryId, { from_seq, events, metadata_filter }, eventsOfAnswer, scope);
  const there = await page(from);
  if (there.events.length > 0 || there.has_more) return there;
  const wish = { from_seq: there.next_from_seq, events, metadata_filter };
  await waiting.wait(milliseconds, database.eventAfter(libraryId, wish, scope));
  // Reports the position reached even if no event matched.
  return page(there.next_from_seq);
}
