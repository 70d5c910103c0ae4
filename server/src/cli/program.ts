import { Command } from "@commander-js/extra-typings";
import { styleText } from "node:util";
import manifest from "../../package.json" with { type: "json" };
import { addBackup } from "./commands/backup-command.ts";
import { addCompletion } from "./commands/completion-command.ts";
import { addDocuments } from "./commands/documents-command.ts";
import { addDoctor } from "./commands/doctor-command.ts";
import { addExport } from "./commands/export-command.ts";
import { addImport } from "./commands/import-command.ts";
import { addIngest } from "./commands/ingest-command.ts";
import { addKeys } from "./commands/keys-command.ts";
import { addLibraries } from "./commands/libraries-command.ts";
import { addMcp } from "./commands/mcp-command.ts";
import { addRestore } from "./commands/restore-command.ts";
import { addSearch } from "./commands/search-command.ts";
import { addServe } from "./commands/serve-command.ts";
import { addTail } from "./commands/tail-command.ts";
import { addWebhooks } from "./commands/webhooks-command.ts";
import { addWatch } from "./commands/watch-command.ts";
import type { Context } from "./command-context.ts";
import { exitCodes } from "./terminal/exit-codes.ts";

const codes = Object.values(exitCodes)
  .map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`)
  .join("\n");

const after = `
Exit codes:
${codes}

Environment:
  ARRWDB_URL      the server's URL (default: http://localhost:8000)
  ARRWDB_API_KEY  the API key; unlike a flag, other users cannot see it
  NO_COLOR        disables colours if set

Example:
  $ arrwdb serve &
  $ arrwdb libraries create "Help centre"
  $ arrwdb ingest "Help centre" articles.ndjson docs/
  $ arrwdb search "Help centre" "I forgot my password"
`;

/** The whole command line. Faults of usage are thrown as `CommanderError`. */
export function createProgram(context: Context): Command {
  const program = new Command("arrwdb")
    .description("arrwDB, the real-time vector database: stream documents in, search by meaning, watch changes.")
    .version(manifest.version)
    .showHelpAfterError(`Run "arrwdb --help" or "arrwdb COMMAND --help" for usage.`)
    .configureHelp({ styleTitle: (title) => styleText("bold", title) })
    .exitOverride()
    .addHelpText("after", after);
  addServe(program);
  program.commandsGroup("Documents:");
  addIngest(program, context);
  addDocuments(program, context);
  addSearch(program, context);
  addWatch(program, context);
  addTail(program, context);
  addMcp(program);
  program.commandsGroup("Libraries:");
  addLibraries(program, context);
  addExport(program, context);
  addImport(program, context);
  addWebhooks(program, context);
  program.commandsGroup("Access:");
  addKeys(program, context);
  program.commandsGroup("The data directory:");
  addBackup(program, context);
  addRestore(program, context);
  addDoctor(program, context);
  program.commandsGroup("The shell:");
  addCompletion(program);
  return program;
}
