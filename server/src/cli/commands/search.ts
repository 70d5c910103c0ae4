import { type Command, Option } from "@commander-js/extra-typings";
import { limits } from "@arrwdb/protocol/limits";
import { searchRequest } from "@arrwdb/protocol/search";
import { checked, connect, openLibrary } from "../connection.ts";
import type { Context } from "../context.ts";
import { filterOption, jsonOption, keyOption, urlOption, wholeNumber } from "../options.ts";
import { hitLines } from "../terminal/hits.ts";
import { print, printJson, style, tell } from "../terminal/output.ts";

const examples = `
Examples:
  $ arrwdb search "Help centre" "I forgot my password"
  $ arrwdb search "Help centre" invoice -k 3 --filter '{"views": {"$gte": 100}}'
  $ arrwdb search "Help centre" invoice --json | jq -r '.results[].document.title'`;

/** `arrwdb search`: the nearest chunks, with what they say of it. */
export function addSearch(program: Command, context: Context): void {
  program
    .command("search")
    .description("search a library by meaning")
    .argument("<library>", "its name or id")
    .argument("<query>", "what to look for")
    .addOption(new Option("-k, --k <number>", "hits at most").argParser(wholeNumber(1, limits.k)).default(10))
    .option("--mode <mode>", "how to search, such as vector; the server tells which modes it has")
    .addOption(filterOption())
    .addOption(new Option("--threshold <distance>", "the greatest distance of a hit, 0 to 2").argParser(Number))
    .option("--exact", "compare every chunk, however long that takes")
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (given, query, options) => {
      const { k, mode, filter, threshold, exact } = options;
      const request = { query, k, mode, metadata_filter: filter, distance_threshold: threshold, exact };
      const search = checked(searchRequest, request);
      const library = await openLibrary(connect(options), given, context.signal);
      const answer = await library.search(search, { signal: context.signal });
      if (options.json === true) return printJson(answer);
      for (const hit of answer.results) await print(hitLines(hit, query));
      const how = answer.exact ? "exact" : "approximate";
      tell(style("dim", `${answer.total} hits in ${answer.took_ms.toFixed(1)} ms, ${how}, at position ${answer.seq}`));
    });
}
