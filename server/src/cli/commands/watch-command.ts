import { type Command, Option } from "@commander-js/extra-typings";
import { limits } from "@arrwdb/protocol/limits";
import { liveQueryRequest } from "@arrwdb/protocol/search/search";
import type { LiveHit, LiveResultsWith } from "arrwdb-client";
import { checked, connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, facetOption, filterOption, thresholdOption, wholeNumber } from "../command-options.ts";
import { facetLines } from "../terminal/print-facets.ts";
import { hitLines } from "../terminal/print-hits.ts";
import { plain, print, printJson, style } from "../terminal/terminal-output.ts";
import { counted } from "../terminal/units.ts";

const examples = `
Examples:
  $ arrwdb watch "Help centre" "how can I pay?"
  $ arrwdb watch "Help centre" outage --facet author
  $ arrwdb watch "Help centre" outage --threshold 0.6 --json | jq -r '.entered[].document.title'`;

/** `arrwdb watch`: a live query in the terminal. */
export function addWatch(program: Command, context: Context): void {
  askingServer(
    program
      .command("watch")
      .description("run a live query, and print which hits enter and leave, until Ctrl-C")
      .argument("<library>", "the library's name or id")
      .argument("<query>", "the query text")
      .addOption(
        new Option("-k, --k <number>", "maximum number of hits").argParser(wholeNumber(1, limits.k)).default(10),
      )
      .addOption(filterOption())
      .addOption(thresholdOption())
      .addOption(facetOption()),
  )
    .addHelpText("after", examples)
    .action(async (given, query, options) => {
      const { k, filter, threshold, facet: facets } = options;
      const request = checked(liveQueryRequest, { query_text: query, k, metadata_filter: filter, threshold, facets });
      const library = await openLibrary(connect(options), given, context.signal);
      const shown = new Map<string, LiveHit>();
      let first = true;
      for await (const results of library.live(request, { signal: context.signal })) {
        if (options.json === true) await printJson(results);
        else await printChange(results, shown, query, first);
        first = false;
      }
    });
}

/** @param shown the previous hits by chunk; updated to the current ones */
async function printChange(
  { results, entered, left, seq, total, facets }: LiveResultsWith<LiveHit>,
  shown: Map<string, LiveHit>,
  query: string,
  first: boolean,
): Promise<void> {
  const what = first
    ? counted(total, "hit")
    : `${entered.length} entered, ${left.length} left, now ${counted(total, "hit")}`;
  await print(style("dim", `${new Date().toISOString()}  position ${seq}: ${what}`));
  for (const { chunk_id, previous_rank } of left) {
    const title = plain(shown.get(chunk_id)?.document?.title ?? chunk_id);
    await print(`${style("red", "-")} ${String(previous_rank).padStart(3)}         ${title}`);
  }
  for (const hit of entered) await print(`${style("green", "+")} ${hitLines(hit, query)}`);
  for (const [field, facet] of Object.entries(facets ?? {})) await print(facetLines(field, facet));
  shown.clear();
  for (const hit of results) shown.set(hit.chunk_id, hit);
}
