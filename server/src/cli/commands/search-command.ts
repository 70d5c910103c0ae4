import { type Command, Option } from "@commander-js/extra-typings";
import { limits } from "@arrwdb/protocol/limits";
import { searchMode, searchRequest } from "@arrwdb/protocol/search/search";
import { checked, connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import {
  askingServer,
  decimalNumber,
  facetOption,
  filterOption,
  highlightOption,
  includeOption,
  thresholdOption,
  wholeNumber,
} from "../command-options.ts";
import { facetLines, groupLine } from "../terminal/print-facets.ts";
import { fieldLine, hitLines, terminalHighlight } from "../terminal/print-hits.ts";
import { withFurtherPages } from "../further-pages.ts";
import { print, printJson, style, tell } from "../terminal/terminal-output.ts";
import { counted } from "../terminal/units.ts";

const examples = `
Examples:
  $ arrwdb search "Help centre" "I forgot my password"
  $ arrwdb search "Help centre" invoice -k 3 --filter '{"views": {"$gte": 100}}'
  $ arrwdb search "Help centre" "error 4711" --mode hybrid
  $ arrwdb search "Help centre" invoice --facet author document_type
  $ arrwdb search "Help centre" --like doc-42
  $ arrwdb search "Help centre" invoice -k 5 --group-by document_id --group-hits 2
  $ arrwdb search "Help centre" invoice -k 5000 --json > hits.json
  $ arrwdb search "Help centre" "invoices paid" --mode text --highlight
  $ arrwdb search "Help centre" invoice --include document.title,document.metadata.views
  $ arrwdb search "Help centre" invoice --json | jq -r '.results[].document.title'`;

/** `arrwdb search`: the nearest chunks, with their texts. */
export function addSearch(program: Command, context: Context): void {
  askingServer(
    program
      .command("search")
      .description("search a library by meaning")
      .argument("<library>", "the library's name or id")
      .argument("[query]", "the query text; none with --like")
      .addOption(
        new Option("-k, --k <number>", "maximum number of hits; more than 1,000 are read in pages")
          .argParser(wholeNumber(1, limits.rankedHits))
          .default(10),
      )
      .addOption(
        new Option("--mode <mode>", "search by meaning (vector), keywords (text), or both (hybrid)")
          .choices(searchMode.options)
          .default("vector"),
      )
      .addOption(
        new Option("--vector-weight <number>", "the weight of the vector score in hybrid mode, 0 to 1").argParser(
          decimalNumber(0, 1),
        ),
      )
      .option("--like <document>", "find chunks of other documents that are like the document with this id")
      .addOption(filterOption())
      .addOption(thresholdOption())
      .addOption(facetOption())
      .option("--group-by <field>", "find the best groups of chunks with the same value of a field, -k of them")
      .addOption(
        new Option("--group-hits <number>", "maximum number of hits of a group").argParser(
          wholeNumber(1, limits.groupHits),
        ),
      )
      .addOption(includeOption())
      .addOption(highlightOption())
      .option("--exact", "scan every chunk instead of using the index"),
  )
    .addHelpText("after", examples)
    .action(async (given, query, options, command) => {
      if ((query === undefined) === (options.like === undefined)) {
        command.error("error: give either a query or --like with the id of a document");
      }
      const { k, filter, threshold, exact, vectorWeight, facet: facets, include } = options;
      // As JSON, the marks are those of the protocol.
      const highlight = options.highlight === true ? options.json === true || terminalHighlight : undefined;
      const like = options.like === undefined ? undefined : { document_id: options.like };
      const common = {
        query,
        like,
        k,
        metadata_filter: filter,
        distance_threshold: threshold,
        exact,
        facets,
        include,
        highlight,
      };
      const { groupBy, groupHits: hits } = options;
      const isGrouped = groupBy !== undefined || hits !== undefined;
      const grouping = isGrouped ? { group_by: { field: groupBy, ...(hits === undefined ? {} : { hits }) } } : {};
      const isPaged = k > limits.k && !isGrouped;
      const request = checked(searchRequest, {
        ...common,
        ...(isPaged ? { k: limits.k, pages: true } : {}),
        mode: options.mode,
        vector_weight: vectorWeight,
        ...grouping,
      });
      const library = await openLibrary(connect(options), given, context.signal);
      const { signal } = context;
      const first = await library.search(request, { signal });
      const answer = isPaged ? await withFurtherPages(library, first, k, signal) : first;
      if (options.json === true) return printJson(answer);
      const found = answer.groups ?? [{ value: undefined, results: answer.results }];
      for (const { value, results } of found) {
        if (value !== undefined) await print(groupLine(value));
        for (const hit of results) {
          await print(hitLines(hit, query ?? ""));
          if (include !== undefined) await print(fieldLine(hit));
        }
      }
      for (const [field, facet] of Object.entries(answer.facets ?? {})) await print(facetLines(field, facet));
      const how = answer.exact ? "exact" : "approximate";
      tell(
        style(
          "dim",
          `${counted(answer.total, "hit")} in ${answer.took_ms.toFixed(1)} ms, ${how}, at position ${answer.seq}`,
        ),
      );
    });
}
