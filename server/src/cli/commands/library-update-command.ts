import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { patchLibraryRequest } from "@arrwdb/protocol/documents/model";
import { limits } from "@arrwdb/protocol/limits";
import { checked, connect, findLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, wholeNumber } from "../command-options.ts";
import { plain, print, printJson } from "../terminal/terminal-output.ts";

/** `hnsw`, or `{"type": "hnsw", "m": 32}`. @throws InvalidArgumentError */
function parseIndex(text: string): unknown {
  if (/^\w+$/.test(text)) return { type: text };
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`It must be a type such as hnsw, or JSON such as '{"type": "hnsw", "m": 32}'.`);
  }
}

const bounded = (most: number) => {
  const parse = wholeNumber(1, most);
  // Commander makes an empty text of null.
  return (text: string): number | "none" => (text === "none" ? text : parse(text));
};

const nullable = (bound: number | "none" | undefined) => (bound === "none" ? null : bound);

const examples = `
Examples:
  $ arrwdb libraries update "Help centre" --name "Support" --description "Articles for customers"
  $ arrwdb libraries update "Help centre" --index hnsw --keep-events 30000`;

/** `arrwdb libraries update`: the properties of a library that can change. */
export function addLibraryUpdate(libraries: Command, context: Context): void {
  askingServer(
    libraries
      .command("update")
      .description("change a library's name, description, index or events")
      .argument("<library>", "the library's name or id")
      .option("--name <name>", "a new name")
      .option("--unique", "fail if another library has the new name")
      .option("--description <text>", "a description; an empty one removes it")
      .addOption(
        new Option("--index <settings>", "the type of its index, or its settings as JSON").argParser(parseIndex),
      )
      .addOption(
        new Option("--keep-events <number>", `how many of the newest events to keep; "none" for all`).argParser(
          bounded(limits.eventCount),
        ),
      )
      .addOption(
        new Option("--keep-events-for <seconds>", `how long to keep events; "none" for ever`).argParser(
          bounded(limits.eventAgeSeconds),
        ),
      )
      .option("--search-events", "record each search as an event")
      .option("--no-search-events", "stop recording searches"),
  )
    .addHelpText("after", examples)
    .action(async (given, options) => {
      const { name, unique, description, index, keepEvents, keepEventsFor, searchEvents, json, ...connection } =
        options;
      const events = present({
        max_count: nullable(keepEvents),
        max_age_seconds: nullable(keepEventsFor),
        search_performed: searchEvents,
      });
      const patch = present({
        name,
        unique_name: unique,
        description: description === "" ? null : description,
        index,
        events: Object.keys(events).length === 0 ? undefined : events,
      });
      const client = connect(connection);
      const request = checked(patchLibraryRequest, patch);
      const { id } = await findLibrary(client, given, context.signal);
      const updated = await client.libraries.update(id, request, { signal: context.signal });
      return json === true ? printJson(updated) : print(`Updated ${plain(updated.name)}.`);
    });
}

const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
