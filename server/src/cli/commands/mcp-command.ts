import type { Command } from "@commander-js/extra-typings";
import { connect } from "../client-connection.ts";
import { serveMcp } from "../serve-mcp.ts";
import { caOption, keyOption, urlOption } from "../command-options.ts";

const examples = `
Examples:
  $ arrwdb mcp
  $ arrwdb mcp --url http://localhost:8000`;

/** `arrwdb mcp`: tools for language models, for programs that start their servers themselves. */
export function addMcp(program: Command): void {
  program
    .command("mcp")
    .description("serve the Model Context Protocol over stdio, with the tools search, add, get, list and watch")
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(caOption())
    .addHelpText("after", examples)
    .action((options) => serveMcp(connect(options)));
}
