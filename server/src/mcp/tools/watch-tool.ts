import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { eventSelection } from "@arrwdb/protocol/events/events";
import { limits } from "@arrwdb/protocol/limits";
import { z } from "zod";
import { after, filter, hit, library } from "../tool-arguments.ts";
import { hitText, shownHits } from "../hits-as-text.ts";
import { eventText, shown, shownEvent } from "../shown-events.ts";
import type { Tool, ToolAnswer, ToolContext } from "../mcp-tool.ts";
import { watchEvents } from "../watch-events.ts";
import { watchSearch } from "../watch-search.ts";

const input = z.strictObject({
  library,
  query: z
    .string()
    .min(1, "must not be empty")
    .max(limits.queryText, `must be at most ${limits.queryText} characters`)
    .optional()
    .describe("Waits for the results of this search to change; without it, for any change of the library."),
  k: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(50, "must be at most 50")
    .default(5)
    .describe("With `query`: how many of the nearest passages to watch."),
  max_distance: z
    .number()
    .min(0, "must be from 0 to 2")
    .max(2, "must be from 0 to 2")
    .optional()
    .describe("With `query`: excludes passages with a greater cosine distance."),
  filter,
  events: eventSelection.optional().describe("Without `query`: the types of events to wait for; all where absent."),
  after: after.describe(
    "A `position` that a tool returned: returns at once if anything has changed since. If omitted, waits for new changes.",
  ),
  wait_seconds: z
    .number()
    .min(0, "must not be negative")
    .max(50, "must be at most 50")
    .default(20)
    .describe("How long to wait if nothing has changed yet, in seconds."),
});

const output = z.object({
  library_id: z.string(),
  /** False if the time was up before a change. */
  changed: z.boolean(),
  /** The value of `after` for the next call, so that nothing is missed. */
  position: z.int(),
  /** With `query`: hits that are new, or whose document was changed. */
  entered: z.array(hit).optional(),
  /** With `query`: hits that left the results while watching. */
  left: z.array(z.object({ document_id: z.string() })).optional(),
  /** Without `query`: the events, earliest first. */
  events: z.array(shownEvent).optional(),
  /** Without `query`: whether more has happened; call again with `position` as `after`. */
  has_more: z.boolean().optional(),
});

type WatchAnswer = ToolAnswer<z.output<typeof output>>;
type Arguments = z.output<typeof input>;

/** The changes before the time is up; otherwise the position to continue from. */
const goOn = (position: number) => `Position: ${position} (pass it as \`after\` to continue)`;

async function search(
  id: string,
  given: Arguments & { readonly query: string },
  context: ToolContext,
  signal: AbortSignal,
) {
  const { query, k, max_distance: threshold, filter: narrowed, after: from, wait_seconds } = given;
  const watch = { query, k, threshold, filter: narrowed, after: from, milliseconds: wait_seconds * 1_000 };
  const change = await context.waiting.enter(context.caller, signal, (scope) => watchSearch(context, id, watch, scope));
  const entered = shownHits(change.entered);
  const left = change.left.map(({ document_id }) => ({ document_id }));
  const changed = entered.length > 0 || left.length > 0;
  const lines = [
    ...(changed ? [] : ["The results have not changed."]),
    ...(entered.length === 0 ? [] : [`New or changed results:\n\n${entered.map(hitText).join("\n\n")}`]),
    ...left.map(({ document_id }) => `No longer among the results: document ${shownDocumentId(document_id)}`),
    goOn(change.seq),
  ];
  const answer: WatchAnswer = {
    structured: { library_id: id, changed, position: change.seq, entered, left },
    text: lines.join("\n\n"),
  };
  return answer;
}

async function events(id: string, given: Arguments, context: ToolContext, signal: AbortSignal) {
  const { filter: narrowed, events: types, after: from, wait_seconds } = given;
  const watch = { events: types, filter: narrowed, after: from, milliseconds: wait_seconds * 1_000 };
  const page = await context.waiting.enter(context.caller, signal, (scope) => watchEvents(context, id, watch, scope));
  const happened = page.events.map(shown);
  const position = page.next_from_seq;
  const lines = happened.length === 0 ? ["No events."] : happened.map(eventText);
  const more = page.has_more ? ["(there are more events)"] : [];
  const answer: WatchAnswer = {
    structured: { library_id: id, changed: happened.length > 0, position, events: happened, has_more: page.has_more },
    text: [...lines, ...more, goOn(position)].join("\n"),
  };
  return answer;
}

export const watchTool: Tool<typeof input, typeof output> = {
  name: "watch",
  title: "Wait for changes",
  description:
    "Waits until the results of a search change, or until something happens in a library, and returns what changed. The result has a position from which the next call continues, so that nothing in between is missed.",
  annotations: { readOnlyHint: true },
  input,
  output,
  async run(given, context, signal) {
    const id = await context.database.libraryId(given.library, signal);
    if (given.query === undefined) return events(id, given, context, signal);
    return search(id, { ...given, query: given.query }, context, signal);
  },
};
