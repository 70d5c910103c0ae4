import type { Command } from "@commander-js/extra-typings";
import { connect } from "../client-connection.ts";
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
    .action(async (options) => {
      const client = connect(options);
      // Only here, as it brings the protocol's library along.
      const { serveMcp } = await import("../serve-mcp.ts");
      await serveMcp(client);
    });
}
