import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { type Command, Option } from "@commander-js/extra-typings";
import { eventsQuery } from "@arrwdb/protocol/events/events";
import { filter as filterSchema } from "@arrwdb/protocol/filter/filter";
import { ArrwClientError, type LibraryEvent, type LibraryHandle } from "arrwdb-client";
import { checked, connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, filterOption, wholeNumber } from "../command-options.ts";
import { CommandError } from "../terminal/exit-codes.ts";
import { plain, print, printJson, style } from "../terminal/terminal-output.ts";

const examples = `
Examples:
  $ arrwdb tail "Help centre"
  $ arrwdb tail "Help centre" --from 0 --no-follow --json
  $ arrwdb tail "Help centre" --events document.added,document.deleted`;

type Reading = Pick<NonNullable<Parameters<LibraryHandle["events"]>[0]>, "from" | "events" | "metadata_filter">;

/** `arrwdb tail`: the events of a library as they happen, or from a position on. */
export function addTail(program: Command, context: Context): void {
  askingServer(
    program
      .command("tail")
      .description("print the events of a library until Ctrl-C")
      .argument("<library>", "the library's name or id")
      .addOption(
        new Option("--from <position>", "start after this position; 0 for all retained events").argParser(
          wholeNumber(0, Number.MAX_SAFE_INTEGER),
        ),
      )
      .option("--no-follow", "exit after the latest event; starts at 0 unless --from is given")
      .option("--events <types>", "only these event types, comma-separated")
      .addOption(filterOption()),
  )
    .addHelpText("after", examples)
    .action(async (given, options) => {
      const { from, follow, events, filter } = options;
      const reading: Reading = {
        from,
        events: checked(eventsQuery.shape.events, events),
        metadata_filter: filter === undefined ? undefined : checked(filterSchema, filter),
      };
      const library = await openLibrary(connect(options), given, context.signal);
      const feed = follow
        ? library.events({ ...reading, signal: context.signal })
        : pastEvents(library, reading, context.signal);
      await printAll(feed, options.json === true);
    });
}

async function* pastEvents(
  library: LibraryHandle,
  { from = 0, events, metadata_filter }: Reading,
  signal: AbortSignal,
): AsyncGenerator<LibraryEvent> {
  let position = from;
  for (;;) {
    const page = await library.eventPage({ from_seq: position, events, metadata_filter, limit: 1_000, signal });
    yield* page.events;
    if (!page.has_more) return;
    position = page.next_from_seq;
  }
}

async function printAll(feed: AsyncIterable<LibraryEvent>, asJson: boolean): Promise<void> {
  try {
    for await (const event of feed) await (asJson ? printJson(event) : print(lineOf(event)));
  } catch (error) {
    if (!(error instanceof ArrwClientError) || error.code !== "position_expired") throw error;
    const hint = error.earliestSeq === undefined ? undefined : `Start with --from ${error.earliestSeq}.`;
    throw new CommandError(error.message, { hint, cause: error });
  }
}

function lineOf(event: LibraryEvent): string {
  const { seq, type, timestamp } = event;
  return `${String(seq).padStart(8)}  ${style("dim", timestamp)}  ${style("cyan", type.padEnd(17))}  ${wordsOf(event)}`;
}

/** The most informative part of an event, for one line. */
function wordsOf({ data }: LibraryEvent): string {
  if ("title" in data) return `${plain(data.title)}  ${style("dim", shownDocumentId(data.document_id))}`;
  if ("name" in data) return plain(data.name);
  return plain(stringifyExactly(data));
}
